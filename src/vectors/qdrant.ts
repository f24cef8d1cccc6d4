import type { ItemKind } from '../catalog/types.ts';
import { badInput } from '../errors.ts';
import type { Log } from '../log.ts';
import { sameSpec } from './names.ts';
import type { CollectionSpec, VectorStore } from './port.ts';
import { qdrantCollections } from './qdrant/collections.ts';
import { connect } from './qdrant/connect.ts';
import { gatedRequests, pointWrite, tombstoneWrite, type Versioned } from './qdrant/points.ts';
import { qdrantReads } from './qdrant/reads.ts';

type Active = { name: string; spec: CollectionSpec };

/**
 * The vector store in a Qdrant server: a collection a kind behind an alias, with named vectors. Opening
 * asks nothing of the server; `open` does, and every call finds it again after it was away.
 * @param at.prefix begins the names of collections and aliases; two Hamlets on one server need two
 */
export function openQdrant(at: { url: string; apiKey?: string; prefix?: string }, log: Log): VectorStore {
  const connection = connect(at, log);
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
      await connection.maintain((client) =>
        client.batchUpdate(name, { ...request, wait: true, ordering: 'strong' }),
      );
  }

  /** @throws what `open` did, where nothing could be opened */
  function specOf(kind: ItemKind): CollectionSpec | undefined {
    const current = active.get(kind);
    if (current === undefined && unopened !== undefined) throw unopened;
    return current?.spec;
  }

  return {
    backend: 'qdrant',
    readOnly: false,
    spec: specOf,
    ...qdrantReads(connection, collections.alias, specOf),
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
    // Every write waited until the server had logged and applied it; what a disk loses with the power, sweep finds.
    flush: async () => {},
    close: async () => {},
  };
}
