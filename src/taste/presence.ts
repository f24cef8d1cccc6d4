import type { Attribute } from './types.ts';
import { dot } from './visible.ts';

/** Part of the cosine's standard deviation over which a picture passes from not showing to showing. */
const SOFTNESS = 0.2;

/** How surely a picture shows an attribute, from 0 to 1; ½ at the threshold. */
export function presence(picture: Float32Array, { vector, threshold, spread }: Attribute): number {
  return 1 / (1 + Math.exp((threshold - dot(picture, vector)) / (SOFTNESS * spread)));
}

export const shows = (picture: Float32Array, attribute: Attribute): boolean =>
  dot(picture, attribute.vector) >= attribute.threshold;
