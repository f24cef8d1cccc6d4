import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ensureUsers } from '../../src/catalog/index.ts';
import type { ItemInput, SafetyPolicy } from '../../src/catalog/types.ts';
import { type Database, inTransaction } from '../../src/db/index.ts';
import { testCatalog } from '../support/catalog.ts';
import { secondPool, testDatabase } from '../support/database.ts';

const UNKNOWN: SafetyPolicy = { mode: 'unknown' };
const image = (id: string, over: Partial<ItemInput> = {}): ItemInput => ({
  ...{ kind: 'image', id, title: id, browsingLevel: 1 },
  ...over,
});
const clock = async (db: Database) => {
  const { rows } = await db.pool.query("select value from clocks where name = 'catalogue'");
  return Number(rows[0].value);
};

const db = await testDatabase(t);
const otherDb: Database = { ...db, pool: secondPool(db) };
t.teardown(() => otherDb.pool.end());
const here = await testCatalog(db);
const there = await testCatalog(otherDb);

t.test('what one replica writes another sees once it has caught up with the clock', async (t) => {
  const [{ ref } = { ref: 0 }] = await here.put([image('a', { title: 'old' })], UNKNOWN);
  t.equal(there.columns.refOf('image', 'a'), undefined);
  await there.catchUp(await clock(db));
  t.equal(there.columns.refOf('image', 'a'), ref);
  await there.cards([ref]);

  await here.put([image('a', { title: 'new', browsingLevel: 8 })], UNKNOWN);
  await there.catchUp(await clock(db));
  t.equal(there.columns.level[ref], 8);
  t.equal(there.cardNow(ref), undefined, 'the old card is gone');

  await here.remove('image', 'a');
  await there.catchUp(await clock(db));
  t.equal(there.columns.level[ref], 32);
});

t.test('catching up asks nothing when there is nothing new, and once when many ask', async (t) => {
  await there.catchUp(await clock(db));
  let queries = 0;
  const query = otherDb.pool.query.bind(otherDb.pool);
  otherDb.pool.query = ((...args: Parameters<typeof query>) => {
    queries++;
    return query(...args);
  }) as typeof otherDb.pool.query;
  await there.catchUp(there.columns.version);
  t.equal(queries, 0);
  await here.put([image('b')], UNKNOWN);
  const version = await clock(db);
  await Promise.all(Array.from({ length: 50 }, () => there.catchUp(version)));
  t.equal(queries, 1);
  otherDb.pool.query = query as typeof otherDb.pool.query;
});

t.test('a card read while its item changes does not outlive the change', async (t) => {
  const [{ ref } = { ref: 0 }] = await here.put([image('racing', { title: 'old' })], UNKNOWN);
  await there.catchUp(await clock(db));
  const query = otherDb.pool.query.bind(otherDb.pool);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  otherDb.pool.query = (async (...args: [never]) => {
    const answer = await query(...args);
    await held;
    return answer;
  }) as never;
  const reading = there.cards([ref]);
  await sleep(20);
  otherDb.pool.query = query as typeof otherDb.pool.query;
  await here.put([image('racing', { title: 'new' })], UNKNOWN);
  await there.catchUp(await clock(db));
  release();
  await reading;
  t.equal((await there.cards([ref])).get(ref)!.title, 'new');
});

t.test('two replicas that store the same new items at once agree on their numbers', async (t) => {
  const names = Array.from({ length: 40 }, (_, i) => `both${i}`);
  const events = (catalog: typeof here, at: Database, ids: string[]) =>
    inTransaction(at, async (client) => {
      await ensureUsers(
        client,
        ids.map((id) => `user-${id}`),
      );
      return catalog.ensureRefs(
        client,
        ids.map((id) => ({ kind: 'image', id })),
      );
    });
  const [a, b, c, d] = await Promise.all([
    here.put(
      names.map((id) => image(id, { creatorId: `user-${id}`, modelIds: [`m-${id}`] })),
      UNKNOWN,
    ),
    there.put(
      names.toReversed().map((id) => image(id, { creatorId: `user-${id}` })),
      UNKNOWN,
    ),
    events(here, db, names),
    events(there, otherDb, names.toReversed()),
  ]);
  names.forEach((name, i) => {
    const refs = new Set([a[i]!.ref, b.at(-1 - i)!.ref, c.get(`image:${name}`), d.get(`image:${name}`)]);
    t.equal(refs.size, 1);
  });
});

t.test('a reader who follows the versions misses no change while several write', async (t) => {
  const seen = new Map<string, string>();
  let writing = true;
  let cursor = await clock(db);
  const reader = (async () => {
    for (let last = false; ; last = !writing) {
      const { rows } = await db.pool.query(
        'select id, title, version from items where version > $1 order by version',
        [cursor],
      );
      for (const { id, title, version } of rows) {
        seen.set(id, title);
        cursor = Number(version);
      }
      if (last) return;
      await sleep(1);
    }
  })();
  await Promise.all(
    [here, there, here, there].map(async (catalog, writer) => {
      for (let i = 0; i < 25; i++)
        await catalog.put([image(`w${writer}`, { title: `${i}` }), image(`w${writer}-${i}`)], UNKNOWN);
    }),
  );
  writing = false;
  await reader;
  for (let writer = 0; writer < 4; writer++) {
    t.equal(seen.get(`w${writer}`), '24');
    t.equal([...seen.keys()].filter((id) => id.startsWith(`w${writer}-`)).length, 25);
  }
  await Promise.all([here, there].map(async (catalog) => catalog.catchUp(await clock(db))));
  t.equal(here.columns.size, there.columns.size);
  t.equal(here.columns.version, there.columns.version);
});
