import type { Looks } from './looks.ts';

/** LoRA → whether it does what the text says. */
export type Labels = Record<string, boolean>;

/** The share of the LoRAs that counts as doing it, and the fewest. */
const POSITIVE = 0.05;
const FEWEST = 8;

/**
 * CLIP's labels: the LoRAs whose looks lie nearest to what is wanted (a vector of space `clip`) do it, the farther half
 * does not, and those between are nobody's: a wrong label costs more than a missing one.
 */
export function labelsByClip(wanted: Float32Array, { loras, whiten }: Looks): Labels {
  const place = whiten(wanted);
  const ordered = loras
    .map(({ id, vector }) => ({ id, cosine: cosine(place, vector) }))
    .sort((a, b) => b.cosine - a.cosine || (a.id < b.id ? -1 : 1));
  const positives = Math.max(FEWEST, Math.round(POSITIVE * ordered.length));
  const half = Math.ceil(ordered.length / 2);
  return Object.fromEntries([
    ...ordered.slice(0, positives).map(({ id }) => [id, true] as const),
    ...ordered.slice(Math.max(half, positives)).map(({ id }) => [id, false] as const),
  ]);
}

/**
 * What a taste wants, in CLIP's space: its words and the pictures that stand for it, each counting half. Of the LoRAs
 * that the words alone find fewer do what was planted than of those that both find (LOG.md).
 */
export function wordsAndPictures(words: Float32Array, pictures: readonly Float32Array[]): Float32Array {
  const centre = new Float32Array(words.length);
  for (const picture of pictures)
    picture.forEach((value, d) => {
      centre[d] = centre[d]! + value;
    });
  const [ofWords, ofPictures] = [Math.hypot(...words) || 1, Math.hypot(...centre) || 1];
  return words.map((value, d) => value / ofWords + centre[d]! / ofPictures);
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, lengthA, lengthB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    lengthA += a[i]! ** 2;
    lengthB += b[i]! ** 2;
  }
  return dot / Math.sqrt(Math.max(lengthA * lengthB, 1e-30));
}
