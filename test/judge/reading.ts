import {
  PALETTES,
  type PaletteName,
  STYLES,
  type Style,
  SUBJECTS,
  type Subject,
} from '../../seed/grammar.ts';
import type { Preference } from './request.ts';

/** What words say in the world's own grammar. */
export type Named = { styles: Style[]; palettes: PaletteName[]; subjects: Subject[] };

type Term = { phrase: RegExp; length: number; of: keyof Named; name: string };

const TERMS: Term[] = [
  ...termsOf('styles', STYLES),
  ...termsOf('palettes', PALETTES),
  ...termsOf('subjects', SUBJECTS),
].sort((a, b) => b.length - a.length);

/** Longer phrases first, each word read once: “mossy greens and ochre” does not name the palette ochre. */
export function namedIn(text: string): Named {
  const named: Named = { styles: [], palettes: [], subjects: [] };
  let rest = text.toLowerCase();
  for (const [length, terms] of Map.groupBy(TERMS, (term) => term.length)) {
    if (length > rest.length) continue;
    const found = terms.filter(({ phrase }) => rest.match(phrase));
    for (const { of, name } of found)
      if (!(named[of] as string[]).includes(name)) (named[of] as string[]).push(name);
    for (const { phrase } of found) rest = rest.replaceAll(phrase, ' ');
  }
  return named;
}

export const readPreference = ({ text, likes, avoids }: Preference): { likes: Named; avoids: Named } => ({
  likes: namedIn([text, ...(likes ?? [])].join('\n')),
  avoids: namedIn((avoids ?? []).join('\n')),
});

type Grammar = Record<string, { says: string | readonly string[]; tags?: readonly string[] }>;

function termsOf(of: keyof Named, grammar: Grammar): Term[] {
  return Object.entries(grammar).flatMap(([name, { says, tags = [] }]) =>
    [...new Set([name, name.replaceAll('-', ' '), ...tags, says].flat())].map((words) => ({
      phrase: new RegExp(`(?<![\\p{L}-])${words.toLowerCase()}s?(?![\\p{L}-])`, 'gu'),
      length: words.length,
      ...{ of, name },
    })),
  );
}
