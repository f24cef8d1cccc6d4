import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { ItemInput } from '../../src/catalog/types.ts';
import type { HamletError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import {
  carryChanges,
  onceFilled,
  outboxLag,
  reindex,
  sweep,
  type VectorStore,
} from '../../src/vectors/index.ts';
import { testCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { embeddedPlace, type NewPlace, qdrantPlaces } from '../support/vector-places.ts';

/** What the carrier, `reindex` and `sweep` promise, over both stores. */
const SPACES = { clip: 4 };
const CARRIER = { spaces: SPACES, log: silentLog, pollMs: 0 };
const KILLED = resolve(import.meta.dirname, '../support/carry-until-killed.ts');

const AXES = { x: [1, 0, 0, 0], y: [0, 1, 0, 0], z: [0, 0, 1, 0] };
type Axis = keyof typeof AXES;
const image = (id: string, axis: Axis, more: Partial<ItemInput> = {}): ItemInput => ({
  ...{ kind: 'image', id, title: id, browsingLevel: 1, vector: AXES[axis] },
  ...more,
});
/** Refs of images that point along an axis, as the index has them. */
async function along(store: VectorStore, axis: Axis, limit = 5_000) {
  const vector = Float32Array.from(AXES[axis]);
  const [hits] = await store.search('image', [{ space: 'clip', vector, limit, filter: { maxLevel: 16 } }]);
  return hits!.filter(({ score }) => score > 0.5).map(({ id }) => id);
}
const everyPoint = async (store: VectorStore) =>
  new Set((await store.scroll('image', 0, 1e5)).map(({ id }) => id));

/** An empty catalogue in a database of its own. */
async function freshWorld(t: Test) {
  const db = await testDatabase(t);
  const catalog = await testCatalog(db);
  return {
    db,
    catalog,
    put: async (...items: ItemInput[]) =>
      (await catalog.put(items, { mode: 'unknown' })).map(({ ref }) => ref),
    remove: (id: string) => catalog.remove('image', id),
    /** As if thirty seconds had gone by since the holder last gave a sign. */
    expireLeases: () => db.pool.query("update outbox set leased_until = now() - interval '1 ms'"),
  };
}

function outboxContract(t: Test, place: NewPlace) {
  const started = async (t: Test, pollMs = 0) => {
    const world = await freshWorld(t);
    const store = await place(t).open();
    const carrier = await carryChanges(world.db, store, { ...CARRIER, pollMs });
    t.teardown(() => carrier.stop());
    return { ...world, store, carrier };
  };

  t.test('what is put is found, what is deleted or held back is not', async (t) => {
    const { db, catalog, put, remove, store, carrier } = await started(t);
    const [a, b] = await put(image('a', 'x'), image('b', 'x', { browsingLevel: undefined }));
    t.match(await catalog.heldBackCounts(), { image: 1, model: 0 });
    t.ok((await outboxLag(db)).every(({ versions }) => versions > 0));
    await carrier.drain();
    t.same(await along(store, 'x'), [a]);
    await put(image('a', 'y'), image('b', 'x'));
    await carrier.drain();
    t.same(await along(store, 'x'), [b]);
    t.same(await along(store, 'y'), [a]);
    await remove('b');
    await carrier.drain();
    t.same([...(await everyPoint(store))], [a]);
    await carrier.stop();
    t.ok((await outboxLag(db)).every(({ versions }) => versions === 0));
  });

  t.test('a carrier killed in the middle of a batch has lost nothing', async (t) => {
    const { db, put, expireLeases } = await freshWorld(t);
    const items = Array.from({ length: 1300 }, (_, n) => image(`killed-${n}`, 'x'));
    const refs = (await Promise.all([put(...items.slice(0, 900)), put(...items.slice(900))])).flat();
    const { at, open } = place(t);
    const { host, database } = db.pool.options as { host: string; database: string };
    for (let kill = 0; kill < 2; kill++) {
      const args = [KILLED, host, database, JSON.stringify(at), JSON.stringify(SPACES)];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      let said = '';
      child.stdout.on('data', (text: Buffer) => {
        said += text;
        if (said.split('\n').length > 1 + kill) child.kill('SIGKILL');
      });
      t.same(await ended, [null, 'SIGKILL']);
      await expireLeases();
    }
    const store = await open();
    const carrier = await carryChanges(db, store, CARRIER);
    t.teardown(() => carrier.stop());
    await carrier.drain();
    const points = await everyPoint(store);
    t.same(
      refs.filter((ref) => !points.has(ref)),
      [],
    );
    t.equal(points.size, refs.length);
  });

  t.test('one carrier works at a time, and the next begins where the last one ended', async (t) => {
    const { db, put, store, carrier } = await started(t, 20);
    const [a] = await put(image('a', 'x'));
    await carrier.drain();
    let writes = 0;
    const counting: VectorStore = {
      ...store,
      readOnly: false,
      upsert: (...args) => {
        writes++;
        return store.upsert(...args);
      },
    };
    const second = await carryChanges(db, counting, CARRIER);
    t.teardown(() => second.stop());
    const [b] = await put(image('b', 'x'));
    await Promise.all([second.drain(), carrier.drain()]);
    t.same(await along(store, 'x'), [a, b]);
    t.equal(writes, 0, 'the second one waited for the first');
    await carrier.stop();
    const [c] = await put(image('c', 'x'));
    await second.drain();
    t.equal(writes, 1, 'one batch: what the first had carried is not carried again');
    t.same(await along(store, 'x'), [a, b, c]);
  });

  t.test('a carrier that wakes up after its lease was another’s changes nothing', async (t) => {
    const { db, put, remove, expireLeases } = await freshWorld(t);
    const store = await place(t).open();
    const [a, b] = await put(image('a', 'x'), image('b', 'x'));
    let wake: (() => void) | undefined;
    let asleep = () => {};
    const sleeping = new Promise<void>((done) => {
      asleep = done;
    });
    const slow: VectorStore = {
      ...store,
      readOnly: false,
      upsert: async (kind, points, collection) => {
        if (wake === undefined)
          await new Promise<void>((done) => {
            wake = done;
            asleep();
          });
        return store.upsert(kind, points, collection);
      },
    };
    const old = await carryChanges(db, slow, CARRIER);
    const late = old.drain();
    await sleeping;
    await expireLeases();
    const next = await carryChanges(db, store, CARRIER);
    await put(image('a', 'y'));
    await remove('b');
    await next.drain();
    await next.stop();
    wake!();
    await late;
    await old.stop();
    t.same(await along(store, 'x'), [], 'neither the old place of a nor b came back');
    t.same(await along(store, 'y'), [a]);
    t.notOk((await everyPoint(store)).has(b!));
  });

  t.test('reindex fills a new collection while the old one serves, and misses no change', async (t) => {
    const { db, put, store, carrier } = await started(t);
    const refs = await put(...Array.from({ length: 700 }, (_, n) => image(`r-${n}`, 'x')));
    await carrier.drain();
    const before = await store.open({ kind: 'image', spaces: SPACES });
    let running = true;
    let searches = 0;
    const searching = (async () => {
      for (; running; searches++) {
        const found = await along(store, 'x', 1000);
        await nextTurn();
        if (found.length !== refs.length) return `${found.length} of ${refs.length} found`;
      }
      return 'always whole';
    })();
    const shares: number[] = [];
    let changed: Promise<unknown> = Promise.resolve();
    const report = await reindex(db, store, 'image', (share) => {
      shares.push(share);
      if (shares.length === 1) changed = put(image('during', 'y')).then(() => carrier.drain());
    });
    await changed;
    running = false;
    t.equal(await searching, 'always whole');
    t.ok(searches > 0);
    t.match(report, { kind: 'image', collection: /-image-/ });
    t.ok(report.items >= 700 && shares.at(-1) === 1);
    t.not(report.collection, before);
    t.equal(await store.open({ kind: 'image', spaces: SPACES }), report.collection);
    await carrier.drain();
    t.equal((await along(store, 'y')).length, 1, 'a change of that time is in the new one');
    const { rows } = await db.pool.query('select 1 from outbox where index_name = $1', [before]);
    t.same(rows, [], 'the cursor of the old one is forgotten');
  });

  t.test('an index that is built anew is away to lists until it is whole', async (t) => {
    const { db, put } = await freshWorld(t);
    const refs = await put(...Array.from({ length: 700 }, (_, n) => image(`f-${n}`, 'x')));
    const store = await place(t).open();
    const carrier = await carryChanges(db, store, { ...CARRIER, pollMs: 20 });
    t.teardown(() => carrier.stop());
    const query = { space: 'clip', vector: Float32Array.from(AXES.x), limit: 1000 };
    const reader = onceFilled(store, carrier);
    const found = new Set<number | string>();
    const look = () =>
      reader.search('image', [query]).then(
        ([hits]) => found.add(hits!.length).size,
        (error: HamletError) => found.add(error.code).size,
      );
    for (await look(); !found.has(refs.length); await look()) await nextTurn();
    t.same([...found], ['vectors-rebuilding', refs.length], 'never a part of it');
    await carrier.stop();
    const next = await carryChanges(db, store, CARRIER);
    t.teardown(() => next.stop());
    await put(image('later', 'x'));
    t.equal(next.filling('image'), false, 'a change that is not carried yet is no reason');
  });

  t.test('sweep finds what is missing, stale or orphaned, reports it and repairs it', async (t) => {
    const { db, put, remove, store, carrier: first } = await started(t);
    const names = ['lost', 'stale', 'gone', 'right'];
    const [lost, stale, gone, right] = (await put(...names.map((name) => image(name, 'x')))) as number[];
    await remove('gone');
    // Later changes, so that the catalogue's clock is past the versions planted below.
    for (let n = 0; n < 5; n++) await put(image('later', 'z'));
    await first.drain();
    // Its cursor moves: what lies after that is not drift but work to do.
    await first.stop();
    const carrier = await carryChanges(db, store, CARRIER);
    t.teardown(() => carrier.stop());
    t.same(await sweep(db, store, 'image'), { missing: 0, stale: 0, orphaned: 0, repaired: 0 });

    const versions = new Map((await store.scroll('image', 0, 1e5)).map(({ id, version }) => [id, version]));
    const planted = (id: number, version: number) => ({
      ...{ id, version, vectors: { clip: Float32Array.from(AXES.y) } },
      payload: { level: 1, creator: 0, tags: [] },
    });
    await store.remove('image', [{ id: lost!, version: versions.get(lost!)! + 1 }]);
    await store.upsert('image', [planted(gone!, versions.get(right!)! + 2), planted(1e6, 1)]);
    await db.pool.query('update items set version = version + 1 where ref = $1', [stale]);
    const report = await sweep(db, store, 'image');
    t.same(report, { missing: 1, stale: 1, orphaned: 2, repaired: 4 });
    await carrier.drain();
    t.same(await along(store, 'x'), [lost, stale, right]);
    t.same(await along(store, 'y'), [], 'what does not belong there is gone');
    t.same(await sweep(db, store, 'image'), { missing: 0, stale: 0, orphaned: 0, repaired: 0 });
  });
}

t.setTimeout(600_000);
t.test('over the embedded store', async (t) => outboxContract(t, embeddedPlace));
t.test('over Qdrant', async (t) => outboxContract(t, await qdrantPlaces(t)));
