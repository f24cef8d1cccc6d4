import type { ItemKind } from '../catalog/types.ts';
import { unavailable } from '../errors.ts';
import type { Carrier } from './outbox/carrier.ts';
import type { VectorReader } from './port.ts';

/**
 * The index as lists see it: one that is being built anew (lost, damaged, other vector spaces) is away until
 * it holds the catalogue. Lists from a part of it would look whole.
 */
export function onceFilled(store: VectorReader, carrier: Pick<Carrier, 'filling'>): VectorReader {
  const filled = (kind: ItemKind) => {
    if (carrier.filling(kind)) throw unavailable('vectors-rebuilding', 'The vector index is being built.', 5);
  };
  return {
    backend: store.backend,
    search: async (kind, queries) => {
      filled(kind);
      return store.search(kind, queries);
    },
    vectors: async (kind, space, ids) => {
      filled(kind);
      return store.vectors(kind, space, ids);
    },
  };
}
