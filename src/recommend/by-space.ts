import type { ContentSpace } from '../catalog/types.ts';

/**
 * One of a thing for each content space, made when the space is first in force: what is cached of one space's
 * vectors is never asked about another's.
 */
export function bySpace<T>(current: () => ContentSpace, make: (space: ContentSpace) => T): () => T {
  const made = new Map<ContentSpace, T>();
  return () => {
    const space = current();
    const known = made.get(space);
    if (known !== undefined) return known;
    const fresh = make(space);
    made.set(space, fresh);
    return fresh;
  };
}
