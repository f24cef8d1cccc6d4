import type { ItemKind } from '../catalog/types.ts';
import { badInput, HamletError, unavailable } from '../errors.ts';
import type { Log } from '../log.ts';
import { sameSpec } from './names.ts';
import type { CollectionSpec, VectorQuery, VectorStore } from './port.ts';
import { hitsOf, vectorOf, versionsOf } from './qdrant/answers.ts';
import { qdrantCollections } from './qdrant/collections.ts';
import { connect } from './qdrant/connect.ts';
import { ALIVE, qdrantFilter } from './qdrant/filter.ts';
import { gatedRequests, pointWrite, tombstoneWrite, type Versioned } from './qdrant/points.ts';
import { SEARCH } from './qdrant/search-params.ts';
import { unitVector } from './vector-check.ts';

type Active = { name: string; spec: CollectionSpec };

/** Hits asked for beyond the limit, so that of equal scores at its edge the smaller ids are kept. */
const SPARE = 16;
const IDS_A_REQUEST = 1_000;

/**
 * The vector store in a Qdrant server: a collection a kind behind an alias, with named vectors. Opening
 * asks nothing of the server; `open` does, and every call finds it again after it was away.
 * @param at.prefix begins the names of collections and aliases; two Hamlets on one server need two
 */
export function openQdrant(at: { url: string; apiKey?: string; prefix?: string }, log: Log): VectorStore {
  const connection = connect(at, log);
  const { serve, maintain } = connection;
  const collections = qdrantCollections(connection, at.prefix ?? 'hamlet', log);
  /** As last seen: another process may have switched the alias since. */
  const active = new Map<ItemKind, Active>();
  const made = new Map<string, CollectionSpec>();
  /** Why nothing is open yet: to whoever asks, an unknown collection is not an empty one. */
  let unopened: unknown;

  /** One at a time, so that two callers cannot both create. */
  let opening: Promise<unknown> = Promise.resolve();
  function open(spec: CollectionSpec): Promise<string> {
    const opened = opening.then(() => openNow(spec));
    opening = opened.then(
      () => {
        unopened = undefined;
      },
      (error) => {
        unopened = error;
      },
    );
    return opened;
  }

  async function openNow(spec: CollectionSpec): Promise<string> {
    const { kind } = spec;
    const name = await collections.aliased(kind);
    const current = active.get(kind);
    if (name !== undefined) {
      const found = current?.name === name ? current.spec : await collections.spec(kind, name);
      active.set(kind, { name, spec: found });
      if (sameSpec(found, spec)) return name;
      log.info({ kind, collection: name }, 'vector spaces have changed; the index is rebuilt');
    }
    const fresh = await create(spec);
    await activate(kind, fresh);
    return fresh;
  }

  async function create(spec: CollectionSpec): Promise<string> {
    const name = await collections.create(spec);
    made.set(name, spec);
    return name;
  }

  async function activate(kind: ItemKind, name: string): Promise<void> {
    const spec = made.get(name) ?? (await collections.spec(kind, name));
    await collections.activate(kind, name);
    active.set(kind, { name, spec });
    made.delete(name);
  }

  /** What a write goes to. */
  async function target(kind: ItemKind, name?: string): Promise<Active> {
    const current = active.get(kind);
    if (current && (name === undefined || name === current.name)) return current;
    if (name === undefined)
      throw unopened ?? badInput('collection-unknown', `No collection of kind ${kind} is open.`);
    return { name, spec: made.get(name) ?? (await collections.spec(kind, name)) };
  }

  async function write(name: string, writes: Parameters<typeof gatedRequests>[0]): Promise<void> {
    for (const request of gatedRequests(writes))
      await maintain((client) => client.batchUpdate(name, { ...request, wait: true, ordering: 'strong' }));
  }

  /** The spec of what is served, for a read; undefined for a kind that nobody has opened. */
  function readable(kind: ItemKind): CollectionSpec | undefined {
    const current = active.get(kind);
    if (current === undefined && unopened !== undefined) throw unopened;
    return current?.spec;
  }

  /** Reads go through the alias: it is Qdrant that knows which collection is served at this moment. */
  const read: typeof serve = (call) =>
    serve(call).catch((error) => {
      if (!(error instanceof HamletError) || error.code !== 'collection-unknown') throw error;
      throw unavailable('vectors-unavailable', 'Qdrant no longer has the collection; it will be rebuilt.', 5);
    });

  async function search(kind: ItemKind, queries: VectorQuery[]) {
    const spec = readable(kind);
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
    const answers = await read((client) => client.queryBatch(collections.alias(kind), { searches }));
    let next = 0;
    return queries.map(({ limit }, i) =>
      asked[i] === undefined ? [] : hitsOf(answers[next++]?.points ?? [], limit),
    );
  }

  const vectors: VectorStore['vectors'] = async (kind, space, ids) => {
    const known = readable(kind)?.spaces[space] !== undefined;
    const found = new Map<number, Float32Array>();
    for (let start = 0; known && start < ids.length; start += IDS_A_REQUEST) {
      const asked = ids.slice(start, start + IDS_A_REQUEST);
      const records = await read((client) =>
        client.retrieve(collections.alias(kind), { ids: asked, with_payload: false, with_vector: [space] }),
      );
      for (const record of records) {
        const entry = vectorOf(record, space);
        if (entry) found.set(...entry);
      }
    }
    return found;
  };

  return {
    backend: 'qdrant',
    readOnly: false,
    spec: readable,
    open,
    create,
    activate,
    upsert: async (kind, points, name) => {
      const { name: collection, spec } = await target(kind, name);
      await write(
        collection,
        points.map((point) => pointWrite(point, spec.spaces)),
      );
    },
    remove: async (kind, points: Versioned[], name) => {
      if (points.length > 0) await write((await target(kind, name)).name, points.map(tombstoneWrite));
    },
    search,
    vectors,
    scroll: async (kind, after, limit) => {
      if (!readable(kind) || limit <= 0) return [];
      const page = { offset: after + 1, limit, filter: ALIVE, with_payload: ['version'], with_vector: false };
      return versionsOf((await maintain((client) => client.scroll(collections.alias(kind), page))).points);
    },
    count: async (kind) => {
      if (!readable(kind)) return 0;
      return (await read((client) => client.count(collections.alias(kind), { filter: ALIVE, exact: true })))
        .count;
    },
    // Every write waited until it was in the server's write-ahead log and applied.
    flush: async () => {},
    close: async () => {},
  };
}
