import { isCleanText } from '../text/index.ts';
import type { Outcome } from './text-rows.ts';

export type Title = { title: string; tags: string[] };

/** `id::title::genre|genre`, as MovieLens has it up to 10M. */
export function parseTitle(line: string): { id: string; title: Title } | null {
  const [id, title, genres = '', more] = line.split('::');
  if (!id || title === undefined || more !== undefined || !isCleanText(line)) return null;
  return { id, title: { title, tags: genresOf(genres) } };
}

export const genresOf = (genres: string) =>
  genres.split('|').filter((genre) => genre !== '' && genre !== '(no genres listed)');

/** Fills `titles` line by line; a line that says nothing usable is rejected. */
export const titleReader =
  (titles: Map<string, Title>) =>
  (line: string): Outcome => {
    const parsed = parseTitle(line);
    if (parsed === null) return { reject: { code: 'title-invalid', detail: line } };
    titles.set(parsed.id, parsed.title);
    return null;
  };

/** Fills `map` (id in the sequences → id in the titles) line by line. */
export const mapReader =
  (map: Map<string, string>) =>
  (line: string): Outcome => {
    const [from, to, more] = line.trim().split(/\s+/u);
    if (!from || !to || more !== undefined) return { reject: { code: 'map-invalid', detail: line } };
    map.set(from, to);
    return null;
  };
