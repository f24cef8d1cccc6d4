import { TokenProjection } from './projection.ts';
import { parsePrompt, plainText } from './prompt.ts';
import { GENERIC_WEIGHT, isGeneric, phraseOf, words } from './tokens.ts';

export type TextFields = { title?: string; tags?: readonly string[]; prompt?: string; description?: string };

/** Text of an item or a query as one content vector; what `taste`, `search` and diversity compare by cosine. */
export type TextEncoder64 = {
  /** Stored beside each vector, so that another encoder's vectors are never mixed in. */
  readonly id: string;
  readonly dims: number;
  /** Unit length; all zero when the fields hold no word. */
  encode(fields: TextFields): Float32Array;
  encodeQuery(text: string): Float32Array;
};

const DIMS = 64;
const SEED = 0x48616d6c;
/** How far each field can move the vector: a field counts as one unit direction however long it is. */
const FIELD_WEIGHT = { tags: 1, title: 0.6, prompt: 0.5, description: 0.25 } as const;
/** A phrase kept whole says more than its words apart, and the words must still be found alone. */
const PHRASE_WEIGHT = 1;
const MAX_PHRASE_WORDS = 4;
/** Words of a description past these say little new and would only cost time. */
const MAX_DESCRIPTION = 4_000;

/** Hashed bag of words and short phrases, sublinear in repetition (√tf), generic words damped. Deterministic. */
export function contentEncoder(): TextEncoder64 {
  const projection = new TokenProjection(DIMS, SEED);

  /** One field's tokens as a unit vector, scaled and added to `sum`. */
  const addField = (sum: Float64Array, tokens: Map<string, number>, weight: number) => {
    const field = new Float64Array(DIMS);
    for (const [token, count] of tokens) projection.add(field, token, Math.sqrt(count));
    const length = lengthOf(field);
    if (length > 0) for (let d = 0; d < DIMS; d++) sum[d] = sum[d]! + (weight / length) * field[d]!;
  };

  return {
    id: `hash-text-v1/${DIMS}`,
    dims: DIMS,
    encode({ title, tags, prompt, description }) {
      const sum = new Float64Array(DIMS);
      if (tags?.length) addField(sum, countTokens(tags), FIELD_WEIGHT.tags);
      if (title) addField(sum, countTokens([title]), FIELD_WEIGHT.title);
      if (prompt) addField(sum, countTokens(parsePrompt(prompt).clean.split(',')), FIELD_WEIGHT.prompt);
      if (description) {
        const text = plainText(description.slice(0, MAX_DESCRIPTION));
        addField(sum, countTokens(text.split(/[,.;\n]/u)), FIELD_WEIGHT.description);
      }
      return unit(sum);
    },
    encodeQuery(text) {
      const sum = new Float64Array(DIMS);
      addField(sum, countQuery(text.slice(0, MAX_DESCRIPTION)), 1);
      return unit(sum);
    },
  };
}

/** Weighted counts of the words in the parts, and of each part that is a short phrase. */
function countTokens(parts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const part of parts) {
    const found = words(part);
    for (const word of found) count(counts, word, 1);
    if (found.length > 1 && found.length <= MAX_PHRASE_WORDS) countPhrase(counts, found, PHRASE_WEIGHT);
  }
  return counts;
}

/** A query does not say where its phrases end: every run of two to four words may be a tag. */
function countQuery(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const part of text.split(/[,;\n]/u)) {
    const found = words(part);
    for (const word of found) count(counts, word, 1);
    for (let size = 2; size <= MAX_PHRASE_WORDS; size++) {
      for (let start = 0; start + size <= found.length; start++)
        countPhrase(counts, found.slice(start, start + size), PHRASE_WEIGHT / (found.length - size + 1));
    }
  }
  return counts;
}

/** `best quality` says no more than its words. */
function countPhrase(counts: Map<string, number>, parts: string[], weight: number): void {
  if (!parts.every(isGeneric)) count(counts, phraseOf(parts), weight);
}

function count(counts: Map<string, number>, token: string, weight: number): void {
  // √tf is taken later, so a generic word's tenth enters squared.
  const damped = isGeneric(token) ? weight * GENERIC_WEIGHT * GENERIC_WEIGHT : weight;
  counts.set(token, (counts.get(token) ?? 0) + damped);
}

function unit(sum: Float64Array): Float32Array {
  const length = lengthOf(sum);
  const vector = new Float32Array(sum.length);
  if (length > 0) for (let d = 0; d < vector.length; d++) vector[d] = sum[d]! / length;
  return vector;
}

function lengthOf(vector: Float64Array): number {
  let squares = 0;
  for (let d = 0; d < vector.length; d++) squares += vector[d]! * vector[d]!;
  return Math.sqrt(squares);
}
