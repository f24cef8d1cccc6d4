import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { ItemInput } from '../../src/catalog/types.ts';
import { loadConfig } from '../../src/config.ts';
import { unavailable } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { buildItemGraph } from '../../src/models/index.ts';
import { openRecommender, type Page, type Recommender, seededRandom } from '../../src/recommend/index.ts';
import { contentEncoder } from '../../src/text/index.ts';
import { carryChanges, openVectors } from '../../src/vectors/index.ts';
import { testDatabase } from '../support/database.ts';
import { event, openReplica } from '../support/events.ts';

// A small world: castles and cats by several creators, people who like the one or the other.
const db = await testDatabase(t);
const one = await openReplica(t, db);
const two = await openReplica(t, db);
const home = await mkdtemp(join(tmpdir(), 'hamlet-recommend-'));
const config = loadConfig({}, { HAMLET_HOME: home, DRAW_SHARE: 0 });
const encoder = contentEncoder();
const vectors = await openVectors(config, silentLog);
const spaces = { text: encoder.dims, clip: 8 };
const carrier = await carryChanges(db, vectors, { spaces, log: silentLog, pollMs: 0 });

const items = Array.from({ length: 80 }, (_, n): ItemInput => {
  const taste = n % 2 === 0 ? 'castle' : 'cat';
  return {
    ...{ kind: 'image', id: `${taste}-${n}`, title: `A ${taste} ${n}`, tags: [taste, `shade${n % 5}`] },
    ...{ url: `/pictures/${n}`, creatorId: `maker-${n % 16}`, browsingLevel: n < 70 ? 1 : 8 },
  };
});
await one.catalog.put(items, { mode: 'trusted' });
await carrier.drain();
const random = seededRandom(11);
for (let person = 0; person < 30; person++) {
  const own = items.slice(0, 70).filter((_, n) => n % 2 === person % 2);
  const liked = Array.from({ length: 8 }, () => own.splice(Math.floor(random.next() * own.length), 1)[0]!.id);
  await one.events.ingest(liked.map((id) => event(`person-${person}`, id)));
}
const graph = buildItemGraph(await one.events.interactionLog('image'), {});
const open = (replica: typeof one, more: Partial<Parameters<typeof openRecommender>[0]> = {}) =>
  openRecommender({
    ...{ db, catalog: replica.catalog, events: replica.events, vectors, graph: () => graph },
    ...{ encoder, clip: { encoder: null }, contentSpace: { current: () => 'text' as const } },
    ...{ config, log: silentLog },
    ...more,
  });
const recommender = await open(one);
const elsewhere = await open(two);
t.teardown(async () => {
  await Promise.all([recommender.close(), elsewhere.close()]);
  await carrier.stop();
  await vectors.close();
  await rm(home, { recursive: true, force: true });
});

const ask = (
  userId: string,
  more: Partial<Parameters<Recommender['recommend']>[0]> = {},
  from = recommender,
) =>
  from.recommend({
    ...{ userId, kind: 'image', limit: 10, surface: 'test', maxLevel: 1, exclude: [], tags: [] },
    ...more,
  });
/** On a busy machine a source may miss its deadline; then the list says so, and the next one is whole. */
async function wholeList(userId: string): Promise<Page> {
  for (;;) {
    const page = await ask(userId);
    if (page.degraded.length === 0) return page;
  }
}
const idsOf = (page: { items: { id: string }[] }) => page.items.map(({ id }) => id);
async function allPages(first: Page, from: Recommender = recommender): Promise<Page[]> {
  const pages = [first];
  for (let page = first; page.nextCursor !== null; pages.push(page))
    page = await from.nextPage({ cursor: page.nextCursor, limit: 7, maxLevel: 1 });
  return pages;
}

t.test('a person gets their taste, with reasons from their own history', async (t) => {
  const page = await wholeList('person-0');
  const history = new Set(
    (
      await db.pool.query(
        `select i.id from events e join items i on i.ref = e.item_ref join users u on u.ref = e.user_ref where u.id = 'person-0'`,
      )
    ).rows.map(({ id }) => id),
  );
  t.equal(page.items.length, 10);
  t.ok(idsOf(page).filter((id) => id.startsWith('castle')).length >= 7, idsOf(page).join());
  t.notOk(idsOf(page).some((id) => history.has(id)));
  t.same(
    page.items.map(({ position }) => position),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  for (const { explanation } of page.items) {
    t.ok(explanation.evidence.every((id) => history.has(id)));
    t.ok(explanation.text.length > 0);
  }
  t.ok(page.items.some(({ explanation }) => explanation.source === 'history'));
});

t.test('the list is in the log, whole, before it is answered', async (t) => {
  const page = await ask('person-1', { limit: 5, surface: 'home' });
  const { rows } = await db.pool.query('select * from recommendations where id = $1', [
    page.recommendationId,
  ]);
  const row = rows[0];
  t.match(row, {
    user_id: 'person-1',
    surface: 'home',
    variant: 'default',
    max_level: 1,
    served: 5,
    draw: null,
  });
  const refs = page.items.map(({ id }) => one.catalog.columns.refOf('image', id));
  t.same(row.items.slice(0, 5), refs);
  for (const column of ['scores', 'sources', 'because', 'pool_propensities'])
    t.equal(row[column].length, row.items.length, column);
  t.ok(
    row.pool_propensities.some((p: number) => p < 1),
    'explored items say how likely they were',
  );
  const body = await db.pool.query('select body from pipeline_versions where digest = $1', [
    row.config_digest,
  ]);
  t.same(body.rows[0].body.versions, page.versions);
  t.equal(page.versions.itemGraph, graph.version);
});

t.test('a drawn list logs its draw', async (t) => {
  const drawing = await open(one, { config: { ...config, DRAW_SHARE: 1 } });
  const page = await ask('person-2', {}, drawing);
  const { rows } = await db.pool.query('select * from recommendations where id = $1', [
    page.recommendationId,
  ]);
  t.equal(rows[0].propensities.length, rows[0].items.length);
  t.match(rows[0].draw, { seed: Number, temperature: 0.2, top: Number });
  await drawing.close();
});

t.test('an event accepted on one replica shows in the next list on the other', async (t) => {
  const before = await ask('person-3', {}, elsewhere);
  const target = before.items[0]!.id;
  await one.events.ingest([event('person-3', target, { type: 'view' })]);
  t.notOk(idsOf(await ask('person-3', { limit: 100 }, elsewhere)).includes(target));
});

t.test('pages never overlap and together are the list', async (t) => {
  const pages = await allPages(await ask('person-4', { limit: 6 }));
  const all = pages.flatMap(idsOf);
  t.ok(pages.length > 3);
  t.equal(new Set(all).size, all.length);
  t.same(
    pages.flatMap(({ items }) => items.map(({ position }) => position)),
    all.map((_, i) => i),
  );
  const { rows } = await db.pool.query(
    'select first_position from recommendation_pages where recommendation_id = $1 order by 1',
    [pages[0]!.recommendationId],
  );
  t.equal(rows.length, pages.length - 1);
  t.same(pages.at(-1)!.versions, pages[0]!.versions);
});

t.test(
  'what is deleted, hidden or raised in level after the list was made is on no later page',
  async (t) => {
    const first = await ask('person-5', { limit: 3 });
    const rest = (await allPages(first)).slice(1).flatMap(idsOf);
    const [deleted, hidden, raised] = rest as [string, string, string];
    await two.catalog.remove('image', deleted);
    await two.events.ingest([event('person-5', hidden, { type: 'hide' })]);
    await two.catalog.put([{ ...items.find(({ id }) => id === raised)!, browsingLevel: 16 }], {
      mode: 'unknown',
    });
    const later = (await allPages(first)).slice(1).flatMap(idsOf);
    t.same(later, rest.slice(3));
    t.notOk(idsOf(await ask('person-6', { limit: 100 })).includes(deleted), 'nor in anybody’s new list');
  },
);

t.test('a page asked for at a lower level than the list shows only what that level may see', async (t) => {
  const first = await ask('person-7', { limit: 5, maxLevel: 16 });
  const next = await recommender.nextPage({ cursor: first.nextCursor!, limit: 100, maxLevel: 1 });
  const levelOf = new Map(items.map(({ id, browsingLevel }) => [id, browsingLevel]));
  t.ok(next.items.every(({ id }) => levelOf.get(id) === 1));
});

t.test('a cursor works on every replica, for its own user, and not when tampered with', async (t) => {
  const { nextCursor } = await ask('person-8', { limit: 5 });
  const cursor = nextCursor!;
  t.equal((await elsewhere.nextPage({ cursor, maxLevel: 1 })).items[0]!.position, 5);
  await t.rejects(recommender.nextPage({ cursor, maxLevel: 1, userId: 'person-9' }), {
    code: 'cursor-invalid',
  });
  await t.rejects(recommender.nextPage({ cursor: `${cursor.slice(0, -3)}AAA`, maxLevel: 1 }), {
    ...{ code: 'cursor-invalid', status: 400 },
  });
  const hasty = await open(one, { config: { ...config, CURSOR_HOURS: 1e-9 } });
  const expired = (await ask('person-8', { limit: 5 }, hasty)).nextCursor!;
  await new Promise((done) => setTimeout(done, 5));
  await t.rejects(recommender.nextPage({ cursor: expired, maxLevel: 1 }), {
    code: 'cursor-expired',
    status: 410,
  });
});

t.test('the list of an erased person is gone', async (t) => {
  const { nextCursor } = await ask('person-10', { limit: 5 });
  await one.events.eraseUser('person-10');
  await t.rejects(recommender.nextPage({ cursor: nextCursor!, maxLevel: 1 }), { code: 'cursor-expired' });
});

t.test('someone unknown gets a full and diverse list', async (t) => {
  const page = await ask('never seen before', { limit: 20 });
  t.equal(page.items.length, 20);
  t.ok(idsOf(page).some((id) => id.startsWith('castle')) && idsOf(page).some((id) => id.startsWith('cat')));
  t.ok(page.items.every(({ explanation }) => explanation.evidence.length === 0));
});

t.test('a preference for a lower level and hidden tags hold', async (t) => {
  await one.events.putPreferences('person-11', { maxLevel: 1, hiddenTags: ['cat'] });
  const page = await ask('person-11', { maxLevel: 16, limit: 100 });
  t.ok(page.items.length > 0);
  t.notOk(idsOf(page).some((id) => id.startsWith('cat-')));
});

t.test('a whole trace names what was kept out, but nothing above the level asked for', async (t) => {
  const [hidden, raised] = idsOf(await wholeList('person-14')) as [string, string];
  await one.events.ingest([event('person-14', hidden, { type: 'hide' })]);
  await one.catalog.put([{ kind: 'image', id: raised, browsingLevel: 16 }], { mode: 'trusted' });
  const { trace } = await ask('person-14', { trace: 'whole' });
  const removed = new Map(trace!.removed!.map((one) => [one.reason, one]));
  t.match(removed.get('hidden'), { count: 1, items: [{ kind: 'image', id: hidden }] });
  t.ok(removed.get('seen')!.items.length > 0);
  t.match(removed.get('safety'), { count: Number, items: [] });
  t.notOk(JSON.stringify(trace!.removed).includes(`"${raised}"`), 'what is above the level is only counted');
  const put = items.find(({ id }) => id === raised)!;
  await one.catalog.put([put], { mode: 'trusted' });
});

t.test('exclude and tags of the request hold', async (t) => {
  const plain = idsOf(await ask('person-12'));
  const page = await ask('person-12', { exclude: [plain[0]!, 'no such item'], tags: ['shade1'], limit: 100 });
  t.ok(page.items.length > 0);
  t.notOk(idsOf(page).includes(plain[0]!));
  t.ok(idsOf(page).every((id) => Number(id.split('-')[1]) % 5 === 1));
});

t.test('without the vector index lists go on and say so; search says so too', async (t) => {
  const dead = () => Promise.reject(unavailable('vectors-unavailable', 'away'));
  const without = await open(one, {
    vectors: { ...vectors, backend: 'qdrant', search: dead, vectors: dead },
  });
  const page = await ask('person-13', {}, without);
  t.equal(page.items.length, 10);
  t.ok(page.degraded.some(({ code, stage }) => stage === 'taste' && code === 'vectors-unavailable'));
  const found = await without.search({ text: 'castle', kind: 'image', limit: 5, maxLevel: 1, tags: [] });
  t.same(found, { items: [], degraded: [{ stage: 'search', code: 'vectors-unavailable' }] });
  const like = await without.similar({ kind: 'image', id: 'castle-2', limit: 5, maxLevel: 1 });
  t.same(like.degraded, [{ stage: 'content', code: 'vectors-unavailable' }]);
  t.ok(like.items.length > 0, 'the graph still knows neighbours');
});

t.test('lists and similar say when the item graph in force cannot be read here', async (t) => {
  const behind = await open(one, { graphBehind: (kind) => kind === 'image' });
  const missing = [{ stage: 'similar', code: 'artifact-missing' }];
  const page = await ask('person-13', {}, behind);
  t.equal(page.items.length, 10);
  t.same(page.degraded, missing);
  const like = await behind.similar({ kind: 'image', id: 'castle-2', limit: 5, maxLevel: 1 });
  t.same(like.degraded, missing);
  await behind.close();
});

t.test('similar finds its like and shows nothing above the level', async (t) => {
  const { items: found, degraded } = await recommender.similar({
    kind: 'image',
    id: 'castle-4',
    limit: 10,
    maxLevel: 1,
  });
  t.same(degraded, []);
  t.ok(found.filter(({ id }) => id.startsWith('castle')).length >= 8);
  t.notOk(found.some(({ id }) => id === 'castle-4' || Number(id.split('-')[1]) >= 70));
  for (const id of ['no such item', 'castle-70'])
    await t.rejects(recommender.similar({ kind: 'image', id, limit: 10, maxLevel: 1 }), {
      code: 'item-unknown',
      status: 404,
    });
});

t.test('similar and search take the filters of a list', async (t) => {
  const query = { kind: 'image', limit: 40, maxLevel: 1 } as const;
  for (const find of [
    (exclude: string[]) => recommender.similar({ ...query, tags: ['shade3'], id: 'castle-4', exclude }),
    (exclude: string[]) => recommender.search({ ...query, tags: ['shade3'], text: 'castle', exclude }),
  ]) {
    const all = idsOf(await find([]));
    t.ok(all.length > 1 && all.every((id) => Number(id.split('-')[1]) % 5 === 3), all.join());
    t.same(idsOf(await find([all[0]!, 'no such item'])).slice(0, 1), [all[1]!]);
  }
});

t.test('search finds what a text says, within level and tags', async (t) => {
  const query = { text: 'cat', kind: 'image', limit: 10, maxLevel: 1 } as const;
  const { items: found } = await recommender.search({ ...query, tags: [] });
  t.ok(found.length === 10 && found.every(({ id }) => id.startsWith('cat')));
  const tagged = await recommender.search({ ...query, tags: ['shade3'] });
  t.ok(tagged.items.length > 0 && tagged.items.every(({ id }) => Number(id.split('-')[1]) % 5 === 3));
  t.same((await recommender.search({ ...query, text: '!?', tags: [] })).items, []);
});

t.test('a list in the making leaves nothing behind of somebody who is erased meanwhile', async (t) => {
  await one.events.ingest([event('leaving', 'castle-0')]);
  const erasure = await db.pool.connect();
  await erasure.query('begin');
  await erasure.query(`select ref from users where id = 'leaving' for update`);
  await erasure.query(`delete from users where id = 'leaving'`);
  const [made, staying] = await Promise.all([ask('leaving'), ask('person-14')]);
  await erasure.query('commit');
  erasure.release();
  t.equal(made.items.length, 10, 'and nobody has waited for the erasure');
  const { rows } = await db.pool.query(
    `select user_id from recommendations where user_id = 'leaving' or id = $1`,
    [staying.recommendationId],
  );
  t.same(rows, [{ user_id: 'person-14' }]);
});

t.test(
  'nor of somebody of whom nothing was held, whose list was begun before and is logged after',
  async (t) => {
    const hasty = await open(one, {
      assign: async ({ id }) => {
        if (id === 'known since') await two.events.ingest([event(id, 'castle-0')]);
        if (id !== 'passing too') await two.events.eraseUser(id);
        return { variant: 'default', pipelines: [{}] };
      },
    });
    for (const id of ['passing by', 'known since', 'passing too'])
      t.equal((await ask(id, {}, hasty)).items.length, 10);
    const logged = async () =>
      (
        await db.pool.query(
          "select user_id from recommendations where user_id in ('passing by', 'known since', 'passing too')",
        )
      ).rows;
    t.same(await logged(), [{ user_id: 'passing too' }]);
    await ask('passing by');
    t.equal((await logged()).length, 2, 'who comes back is somebody new');
  },
);

t.test('nor while such an erasure is under way, and nobody waits for it', async (t) => {
  const erasure = await db.pool.connect();
  await erasure.query('begin');
  await erasure.query(`update erasures set count = count + 1 where slot = hashtext('fleeting') & 4095`);
  const made = await ask('fleeting');
  await erasure.query('commit');
  erasure.release();
  t.equal(made.items.length, 10);
  const { rows } = await db.pool.query(`select 1 from recommendations where user_id = 'fleeting'`);
  t.same(rows, []);
});

t.test('a page in the making of a list that is erased meanwhile is not kept', async (t) => {
  const { nextCursor, recommendationId } = await ask('turning pages', { limit: 5 });
  const freshness: typeof one.events.freshness = async (id) => {
    const fresh = await one.events.freshness(id);
    await two.events.eraseUser('turning pages');
    return fresh;
  };
  const hasty = await open({ ...one, events: { ...one.events, freshness } });
  await hasty.nextPage({ cursor: nextCursor!, maxLevel: 1 });
  const { rows } = await db.pool.query('select 1 from recommendation_pages where recommendation_id = $1', [
    recommendationId,
  ]);
  t.same(rows, []);
});

t.test('many lists at once are all logged', async (t) => {
  const pages = await Promise.all(Array.from({ length: 64 }, (_, n) => ask(`person-${n % 10}`)));
  const { rows } = await db.pool.query('select count(*) from recommendations where id = any($1)', [
    pages.map(({ recommendationId }) => recommendationId),
  ]);
  t.equal(Number(rows[0].count), 64);
});

t.test('a rehearsed list has what a list has, and is in no log', async (t) => {
  const logged = async () =>
    Number((await db.pool.query('select count(*) from recommendations')).rows[0].count);
  const before = await logged();
  const query = { userId: 'person-0', kind: 'image' as const, limit: 10, surface: 'test', maxLevel: 1 };
  const ids = await recommender.rehearse({ ...query, exclude: [], tags: [] });
  t.equal(new Set(ids).size, 10);
  const known = new Set(items.slice(0, 70).map(({ id }) => id));
  t.ok(ids.every((id) => known.has(id)));
  t.equal(await logged(), before);
});

t.test('while the database is away a list is refused as unavailable', async (t) => {
  const gone = {
    ...db,
    pool: { query: () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' })) },
  };
  await t.rejects(open(one, { db: gone as unknown as typeof db }), {
    code: /database-unavailable|ECONNREFUSED/,
  });
});
