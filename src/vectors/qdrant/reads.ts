import type { ItemKind, ItemRef } from '../../catalog/types.ts';
import { HamletError, unavailable } from '../../errors.ts';
import type { CollectionSpec, VectorStore } from '../port.ts';
import { unitVector } from '../vector-check.ts';
import { hitsOf, vectorOf, versionsOf } from './answers.ts';
import type { Connection } from './connect.ts';
import { ALIVE, qdrantFilter } from './filter.ts';
import { SEARCH } from './search-params.ts';

/** Hits asked for beyond the limit, so that of equal scores at its edge the smaller ids are kept. */
const SPARE = 16;
const IDS_A_REQUEST = 1_000;

/**
 * What is asked of the collection that is served. Through its alias: it is Qdrant that knows which one that
 * is at this moment.
 * @param specOf undefined for a kind that nobody has opened: it answers nothing
 */
export function qdrantReads(
  { serve, maintain }: Connection,
  alias: (kind: ItemKind) => string,
  specOf: (kind: ItemKind) => CollectionSpec | undefined,
): Pick<VectorStore, 'search' | 'vectors' | 'scroll' | 'count'> {
  const read: typeof serve = (call) =>
    serve(call).catch((error) => {
      if (!(error instanceof HamletError) || error.code !== 'collection-unknown') throw error;
      throw unavailable('vectors-unavailable', 'Qdrant no longer has the collection; it will be rebuilt.', 5);
    });

  return {
    search: async (kind, queries) => {
      const spec = specOf(kind);
      const asked = queries.map(({ space, vector, limit, filter }) => {
        const dims = spec?.spaces[space];
        if (dims === undefined || limit <= 0) return undefined;
        return {
          ...{ query: Array.from(unitVector(vector, dims)), using: space, limit: limit + SPARE },
          ...{ filter: qdrantFilter(filter), params: SEARCH, with_payload: false, with_vector: false },
        };
      });
      const searches = asked.filter((search) => search !== undefined);
      if (searches.length === 0) return queries.map(() => []);
      const answers = await read((client) => client.queryBatch(alias(kind), { searches }));
      let next = 0;
      return queries.map(({ limit }, i) =>
        asked[i] === undefined ? [] : hitsOf(answers[next++]?.points ?? [], limit),
      );
    },

    vectors: async (kind, space, ids) => {
      const known = specOf(kind)?.spaces[space] !== undefined;
      const found = new Map<ItemRef, Float32Array>();
      for (let start = 0; known && start < ids.length; start += IDS_A_REQUEST) {
        const asked = {
          ids: ids.slice(start, start + IDS_A_REQUEST),
          with_payload: false,
          with_vector: [space],
        };
        for (const record of await read((client) => client.retrieve(alias(kind), asked))) {
          const entry = vectorOf(record, space);
          if (entry) found.set(...entry);
        }
      }
      return found;
    },

    scroll: async (kind, after, limit) => {
      if (!specOf(kind) || limit <= 0) return [];
      const page = { offset: after + 1, limit, filter: ALIVE, with_payload: ['version'], with_vector: false };
      return versionsOf((await maintain((client) => client.scroll(alias(kind), page))).points);
    },

    count: async (kind) => {
      if (!specOf(kind)) return 0;
      return (await read((client) => client.count(alias(kind), { filter: ALIVE, exact: true }))).count;
    },
  };
}
