import { LRUCache } from 'lru-cache';
import type { ItemRef } from '../catalog/types.ts';
import { type Profile, profileOf, shows, type Vocabulary } from '../taste/index.ts';

/** What CLIP sees in pictures, by their numbers. */
export type Looks = {
  vocabulary: Vocabulary;
  vectorOf(item: ItemRef): Float32Array | undefined;
  profileOf(item: ItemRef): Profile | undefined;
  /** Whether a picture shows an attribute; false for what cannot be told. */
  shows(item: ItemRef, name: string): boolean;
};

const REMEMBERED = 50_000;
/** A picture may be replaced; what was seen in it is then looked at again. */
const FRESH_MS = 600_000;

/** Profiles are remembered a vocabulary at a time: a person's own pictures are asked about again and again. */
export function openLooks(): (vocabulary: Vocabulary, vectorOf: Looks['vectorOf']) => Looks {
  const caches = new WeakMap<Vocabulary, LRUCache<ItemRef, Profile>>();
  return (vocabulary, vectorOf) => {
    const cache = caches.get(vocabulary) ?? new LRUCache({ max: REMEMBERED, ttl: FRESH_MS });
    caches.set(vocabulary, cache);
    const places = new Map(vocabulary.attributes.map(({ name }, place) => [name, place]));
    const profile = (item: ItemRef): Profile | undefined => {
      const known = cache.get(item);
      if (known !== undefined) return known;
      const vector = vectorOf(item);
      if (vector === undefined) return undefined;
      const made = profileOf(vector, vocabulary);
      cache.set(item, made);
      return made;
    };
    return {
      ...{ vocabulary, vectorOf, profileOf: profile },
      shows(item, name) {
        const place = places.get(name);
        if (place !== undefined) return (profile(item)?.[place] ?? 0) >= 0.5;
        const attribute = vocabulary.named(name);
        const vector = vectorOf(item);
        return attribute !== undefined && vector !== undefined && shows(vector, attribute);
      },
    };
  };
}
