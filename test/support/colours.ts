import type { Vocabulary } from '../../src/taste/index.ts';

/** A world of four colours and two forms, one axis each: what a picture shows can be read off its vector. */
export const COLOURS = ['red', 'green', 'blue', 'grey', 'round', 'square'] as const;
export type Colour = (typeof COLOURS)[number];

/** A unit vector of what a picture shows. */
export function showing(...names: Colour[]): Float32Array {
  const vector = new Float32Array(COLOURS.length);
  for (const name of names) vector[COLOURS.indexOf(name)] = 1 / Math.sqrt(names.length);
  return vector;
}

/** Every colour is in a sixth of the pictures; anything else is not known. */
export function colourVocabulary(): Vocabulary {
  const attributes = COLOURS.map((name) => ({
    ...{ name, vector: showing(name), threshold: 0.5, spread: 0.3, share: 1 / 6 },
  }));
  const named = (name: string) => attributes.find((attribute) => attribute.name === name);
  return { version: 'colours', attributes, named, learn: async (name) => named(name) ?? null };
}
