import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ItemKind } from '../catalog/types.ts';
import { badInput, HamletError } from '../errors.ts';
import type { Log } from '../log.ts';
import { Collection } from './embedded/collection.ts';
import { loadCollection, replaceJson, saveCollection } from './embedded/files.ts';
import { claim } from './embedded/owner.ts';
import { collectionName, madeAt, sameSpec } from './names.ts';
import type { CollectionSpec, VectorHit, VectorStore } from './port.ts';

type Aliases = Partial<Record<ItemKind, string>>;

/** Queries of one call that may run before others get a turn, in milliseconds. */
const TURN_MS = 3;

/**
 * The vector store inside this process: usearch graphs and exact vectors in memory, saved under
 * HAMLET_HOME/vectors. What is missing or damaged there is replaced by a new, empty collection, whose
 * new name has no cursor in the outbox, so that the carrier fills it from Postgres.
 */
export async function openEmbedded(home: string, log: Log): Promise<VectorStore> {
  const folder = join(home, 'vectors');
  await mkdir(folder, { recursive: true });
  const ownership = claim(folder);
  if (!ownership.mine) log.info({ folder }, 'vector index is owned by another process; reading only');

  const active = new Map<ItemKind, Collection>();
  /** Made here and not yet served. */
  const made = new Map<string, Collection>();

  const folderOf = (name: string) => join(folder, name);
  const save = (collection: Collection) =>
    collection.inTurn(async () => {
      if (!collection.changed) return;
      await saveCollection(folderOf(collection.name), collection);
      collection.changed = false;
    });
  const readAliases = async (): Promise<Aliases> => {
    try {
      const found = JSON.parse(await readFile(join(folder, 'aliases.json'), 'utf8')) as Aliases;
      // A name becomes a path, also of what is removed: nothing but a collection's own is followed.
      return Object.fromEntries(
        Object.entries(found).filter(([kind, name]) => madeAt(name, kind as ItemKind) !== undefined),
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.warn({ err: error }, 'vectors/aliases.json cannot be read; collections are rebuilt');
      return {};
    }
  };
  const writable = (kind: ItemKind, name?: string): Collection => {
    const current = active.get(kind);
    const collection = name === undefined || name === current?.name ? current : made.get(name);
    if (!collection) throw badInput('collection-unknown', `There is no open collection ${name ?? kind}.`);
    if (!ownership.mine && !made.has(collection.name))
      throw new HamletError('vectors-in-use', 409, 'Another process owns the embedded vector index.');
    return collection;
  };

  async function create(spec: CollectionSpec): Promise<string> {
    if (Object.keys(spec.spaces).some((space) => !/^[a-z][a-z0-9_]{0,40}$/.test(space)))
      throw badInput('space-invalid', 'A space is named by lower-case letters, digits and underscores.');
    const collection = new Collection(collectionName(spec), spec);
    collection.changed = true;
    made.set(collection.name, collection);
    return collection.name;
  }

  async function activate(kind: ItemKind, name: string): Promise<void> {
    const collection = made.get(name) ?? active.get(kind);
    if (collection?.name !== name) throw badInput('collection-unknown', `There is no collection ${name}.`);
    await save(collection);
    await replaceJson(folder, 'aliases.json', { ...(await readAliases()), [kind]: name });
    await serve(kind, collection);
  }

  /** What the collection replaces goes from memory, and from disk where that is ours to do. */
  async function serve(kind: ItemKind, collection: Collection): Promise<void> {
    const before = active.get(kind);
    active.set(kind, collection);
    made.delete(collection.name);
    if (before && before !== collection && ownership.mine)
      await before.inTurn(() => rm(folderOf(before.name), { recursive: true, force: true }));
  }

  /** One at a time, so that two callers cannot both load or both create. */
  let opening: Promise<unknown> = Promise.resolve();
  function open(spec: CollectionSpec): Promise<string> {
    const opened = opening.then(() => openNow(spec));
    opening = opened.catch(() => {});
    return opened;
  }

  async function openNow(spec: CollectionSpec): Promise<string> {
    const { kind } = spec;
    const name = (await readAliases())[kind];
    const current = active.get(kind);
    if (current && sameSpec(current.spec, spec) && (name ?? current.name) === current.name)
      return current.name;
    const saved = name === undefined ? undefined : await load(name);
    if (saved && sameSpec(saved.spec, spec)) {
      await serve(kind, saved);
      return saved.name;
    }
    if (saved) log.info({ kind, collection: name }, 'vector spaces have changed; the index is rebuilt');
    const fresh = await create(spec);
    if (ownership.mine) await activate(kind, fresh);
    else active.set(kind, made.get(fresh)!);
    if (name !== undefined && ownership.mine) await rm(folderOf(name), { recursive: true, force: true });
    return fresh;
  }

  async function load(name: string): Promise<Collection | undefined> {
    try {
      return await loadCollection(folderOf(name), name);
    } catch (error) {
      log.warn({ err: error, collection: name }, 'vector collection is missing or damaged; it is rebuilt');
      return undefined;
    }
  }

  async function search(kind: ItemKind, queries: Parameters<VectorStore['search']>[1]) {
    const collection = active.get(kind);
    const answers: VectorHit[][] = [];
    let began = performance.now();
    for (const query of queries) {
      if (performance.now() - began > TURN_MS) {
        await nextTurn();
        began = performance.now();
      }
      answers.push(collection?.search(query) ?? []);
    }
    return answers;
  }

  async function flush(name?: string): Promise<void> {
    for (const collection of [...active.values(), ...made.values()])
      if (name === undefined ? ownership.mine && !made.has(collection.name) : name === collection.name)
        await save(collection);
  }

  return {
    backend: 'embedded',
    get readOnly() {
      return !ownership.mine;
    },
    spec: (kind) => active.get(kind)?.spec,
    open,
    create,
    activate,
    upsert: async (kind, points, name) => writable(kind, name).upsert(points),
    remove: async (kind, points, name) => writable(kind, name).remove(points),
    search,
    vectors: async (kind, space, ids) => active.get(kind)?.vectors(space, ids) ?? new Map(),
    scroll: async (kind, after, limit) => active.get(kind)?.scroll(after, limit) ?? [],
    count: async (kind) => active.get(kind)?.table.live ?? 0,
    flush,
    close: async () => {
      await flush();
      ownership.release();
    },
  };
}
