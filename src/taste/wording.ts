import type { Weighted } from './types.ts';

/** `a`, `a and b`, `a, b and c`. */
export const listed = (names: readonly string[], last = 'and'): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;

export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const SAID = 4;

/** A taste in words, by template: what attributes alone can say. */
export function preferenceText(likes: readonly Weighted[], avoids: readonly Weighted[]): string {
  const names = (entries: readonly Weighted[]) => entries.slice(0, SAID).map(({ name }) => name);
  if (likes.length === 0) return 'Pictures of many kinds';
  const liked = sentence(`often ${listed(names(likes))}`);
  return avoids.length === 0 ? liked : `${liked}; seldom ${listed(names(avoids), 'or')}`;
}
