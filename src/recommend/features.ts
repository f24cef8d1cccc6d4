import type { Features } from './types.ts';

/**
 * What a learned ranker may look at, in the order in which it is logged; new names go to the end. Each lies in
 * [0, 1], and a candidate without one has 0.
 */
export const FEATURES = [
  ...['sequence', 'tower', 'similar', 'next', 'both', 'taste', 'trending', 'creator'],
  ...['popularity', 'fresh', 'interest', 'weights'],
] as const;

const MOST = 255;

/**
 * A candidate's features as they are logged and ranked by: a byte each, 255 times the square root, since many are
 * shares of a softmax and hardly any is near 1. Whoever ranks reads these bytes, so that a training sees what serving
 * saw, to the bit.
 */
export function writeFeatures(features: Features, into: Uint8Array, at: number): void {
  for (let n = 0; n < FEATURES.length; n++) {
    const value = features[FEATURES[n]!];
    into[at + n] = value === undefined || !(value > 0) ? 0 : Math.round(MOST * Math.sqrt(Math.min(1, value)));
  }
}

/** What a ranker is given for a byte. */
export const featureOf = (byte: number): number => byte / MOST;
