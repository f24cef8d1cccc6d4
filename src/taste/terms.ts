import { parsePrompt } from '../text/index.ts';

/** What the catalogue says of a picture in words. */
export type Described = { tags: readonly string[]; prompt: string };

const LONGEST = 48;
const MOST_WORDS = 7;
const READABLE = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} '’.-]*$/u;

/** Names an attribute may have: tags and the comma parts of prompts, in lower case. */
export function termsOf({ tags, prompt }: Described): Set<string> {
  const parts = prompt === '' ? [] : parsePrompt(prompt).clean.split(',');
  const terms = new Set<string>();
  for (const part of [...tags, ...parts]) {
    const term = part.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();
    if (
      term.length > 1 &&
      term.length <= LONGEST &&
      term.split(' ').length <= MOST_WORDS &&
      READABLE.test(term)
    )
      terms.add(term);
  }
  return terms;
}

/**
 * Terms that enough pictures carry, each with their rows. Of several that the very same pictures carry
 * (`dusk` and `violet and magenta dusk`) the shortest stays.
 *
 * @param fewest rows below which a term is somebody's own word
 */
export function frequentTerms(
  pictures: readonly Described[],
  fewest: number,
  most: number,
): Map<string, Set<number>> {
  const carriers = new Map<string, Set<number>>();
  pictures.forEach((picture, row) => {
    for (const term of termsOf(picture)) {
      const rows = carriers.get(term);
      if (rows === undefined) carriers.set(term, new Set([row]));
      else rows.add(row);
    }
  });
  const kept = new Map<string, Set<number>>();
  const candidates = [...carriers]
    .filter(([, rows]) => rows.size >= fewest && rows.size <= pictures.length / 2)
    .sort(([a, inA], [b, inB]) => inB.size - inA.size || a.length - b.length || (a < b ? -1 : 1));
  for (const [term, rows] of candidates) {
    if (kept.size === most) break;
    if (![...kept.values()].some((other) => overlap(rows, other) > SAME)) kept.set(term, rows);
  }
  return kept;
}

const SAME = 0.9;
/** Jaccard. */
function overlap(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  if (a.size < b.size * SAME || b.size < a.size * SAME) return 0;
  let both = 0;
  for (const row of a) if (b.has(row)) both++;
  return both / (a.size + b.size - both);
}
