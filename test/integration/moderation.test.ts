import t, { type Test } from 'tap';
import type { ItemInput } from '../../src/catalog/types.ts';
import { eraseUser } from '../../src/events/erasure.ts';
import { openImageLoader, openSendable } from '../../src/images/index.ts';
import { openModeration } from '../../src/moderation/index.ts';
import { openRule } from '../../src/safety/index.ts';
import { testCatalog } from '../support/catalog.ts';
import { secondPool, testDatabase } from '../support/database.ts';
import { flipLevels } from '../support/flip-levels.ts';
import { blackPng } from '../support/pictures.ts';
import { servingWorld } from '../support/serving-world.ts';

t.setTimeout(300_000);
const UNKNOWN = { mode: 'unknown' } as const;
const rule = openRule();
const image = (id: string, more: Partial<ItemInput> = {}): ItemInput => ({
  ...{ kind: 'image', id, title: id },
  ...more,
});
const decision = (level: number, review: number, more = {}) => ({
  ...{ level, review, note: 'looked at', moderator: 'ada' },
  ...more,
});
const report = (userId: string) => ({ userId, reason: 'sexual', note: '' }) as const;

const images = openImageLoader({ trustedHosts: new Set(), renderPicture: () => null });
t.teardown(images.close);
const picture = openSendable(images, 64);

/** Two replicas over a database, each with moderators. */
async function world(t: Test) {
  const db = await testDatabase(t);
  const other = { ...db, pool: secondPool(db) };
  t.teardown(() => other.pool.end());
  const [catalog, there] = [await testCatalog(db), await testCatalog(other)];
  const limits = { toHold: 3, perHour: 5 };
  const moderation = openModeration({ db, catalog, rule, picture }, limits);
  const elsewhere = openModeration({ db: other, catalog: there, rule, picture }, limits);
  const level = async (id: string) => (await catalog.get('image', id))?.effectiveLevel;
  return { db, catalog, there, moderation, elsewhere, level };
}

t.test('what waits is listed, the longest first, and leaves the list when it was decided on', async (t) => {
  const { catalog, moderation, level } = await world(t);
  for (const id of ['first', 'second', 'third'])
    await catalog.put([image(id, { prompt: 'a castle' })], UNKNOWN);
  await catalog.put([image('rated', { browsingLevel: 1 })], UNKNOWN);
  const { items, next } = await moderation.queue({ limit: 2 });
  t.match(items, [
    { id: 'first', kind: 'image', state: 'held', reasons: ['level-unknown'], review: 0, prompt: 'a castle' },
    { id: 'second' },
  ]);
  t.match(await moderation.queue({ limit: 2, after: next! }), { items: [{ id: 'third' }], next: null });
  const after = await moderation.decide('image', 'first', decision(2, 0), 'key-1');
  t.match(after, { level: 2, source: 'moderator', history: [{ level: 2, moderator: 'ada', key: 'key-1' }] });
  t.equal(await level('first'), 2);
  t.match(
    (await moderation.queue({ limit: 9 })).items.map(({ id }) => id),
    ['second', 'third'],
  );
  await t.rejects(moderation.queue({ limit: 1, after: 'nonsense' }), { code: 'cursor-invalid', status: 400 });
});

t.test(
  'a moderator sees what nobody else may, decoded here; a picture that cannot be read says why',
  async (t) => {
    const { catalog, moderation } = await world(t);
    const png = `data:image/png;base64,${blackPng(9, 9).toString('base64')}`;
    await catalog.put(
      [image('held', { url: png }), image('bare'), image('inside', { url: 'http://10.0.0.1/a' })],
      UNKNOWN,
    );
    t.same((await moderation.picture('image', 'held')).subarray(0, 2), Buffer.from([0xff, 0xd8]));
    await t.rejects(moderation.picture('image', 'bare'), { code: 'picture-unknown', status: 404 });
    await t.rejects(moderation.picture('image', 'inside'), { code: 'url-private' });
    await t.rejects(moderation.picture('image', 'none'), { code: 'item-unknown' });
  },
);

t.test('of two moderators at once one decides, the other is told to look again', async (t) => {
  const { catalog, moderation, elsewhere } = await world(t);
  await catalog.put([image('a')], UNKNOWN);
  const both = await Promise.allSettled([
    moderation.decide('image', 'a', decision(1, 0), 'k'),
    elsewhere.decide('image', 'a', decision(32, 0), 'k'),
  ]);
  t.same(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const refused = both.find((one) => one.status === 'rejected') as PromiseRejectedResult;
  t.match(refused.reason, { code: 'moderation-conflict', status: 409 });
  t.equal(((await moderation.look('image', 'a')).history as unknown[]).length, 1);
  await catalog.put([image('a', { title: 'Something else' })], UNKNOWN);
  await t.rejects(moderation.decide('image', 'a', decision(1, 1), 'k'), { code: 'moderation-conflict' });
});

t.test('an item that was deleted, or never was, is not decided on', async (t) => {
  const { catalog, moderation } = await world(t);
  await catalog.put([image('a')], UNKNOWN);
  await catalog.remove('image', 'a');
  await t.rejects(moderation.decide('image', 'a', decision(1, 0), 'k'), {
    code: 'item-deleted',
    status: 409,
  });
  await t.rejects(moderation.decide('image', 'none', decision(1, 0), 'k'), {
    code: 'item-unknown',
    status: 404,
  });
  await t.rejects(moderation.look('image', 'a'), { code: 'item-unknown' });
});

t.test(
  'what was allowed ends with what it was about; what was blocked stays, deleted and put again too',
  async (t) => {
    const { catalog, moderation, level } = await world(t);
    await catalog.put([image('a'), image('b')], UNKNOWN);
    await moderation.decide('image', 'a', decision(1, 0), 'k');
    await moderation.decide('image', 'b', decision(32, 0), 'k');
    await catalog.put([image('a', { attributes: { likes: 3 } })], UNKNOWN);
    t.equal(await level('a'), 1, 'nothing of what is shown has changed');
    await catalog.put([image('a', { url: 'https://example.org/other.png' })], UNKNOWN);
    t.equal(await level('a'), 0);
    await catalog.remove('image', 'b');
    await catalog.put([image('b', { browsingLevel: 1, title: 'new' })], UNKNOWN);
    t.equal(await level('b'), 32);
  },
);

t.test('nothing of the history can be changed', async (t) => {
  const { db, catalog, moderation } = await world(t);
  await catalog.put([image('a')], UNKNOWN);
  await moderation.decide('image', 'a', decision(1, 0), 'k');
  for (const statement of ['update moderation_decisions set level = 1', 'delete from moderation_decisions'])
    await t.rejects(db.pool.query(statement), /only ever added/);
});

t.test('enough people hold an item until a moderator has looked; one alone does not', async (t) => {
  const { catalog, moderation, there, level } = await world(t);
  await catalog.put([image('a', { browsingLevel: 1 })], UNKNOWN);
  for (const who of ['ann', 'ann', 'ben']) await moderation.report('image', 'a', report(who));
  t.equal(await level('a'), 1, 'two people, however often');
  t.match((await moderation.queue({ limit: 9, state: 'reported' })).items, [{ id: 'a', reports: [{}, {}] }]);
  t.same(await moderation.report('image', 'a', report('ben')), { status: 'known' });
  t.same(await moderation.report('image', 'a', report('cem')), { status: 'taken' });
  t.equal(await level('a'), 0);
  await there.catchUp(catalog.columns.version);
  t.equal(there.columns.level[there.columns.refOf('image', 'a')!], 0, 'and on the other replica');
  await moderation.decide('image', 'a', decision(1, 0), 'k');
  t.equal(await level('a'), 1);
  for (const who of ['ann', 'ben', 'cem']) await moderation.report('image', 'a', report(who));
  t.equal(await level('a'), 1, 'who was heard does not hold it again');
  for (const who of ['dan', 'eva', 'fay']) await moderation.report('image', 'a', report(who));
  t.equal(await level('a'), 0, 'others do');
});

t.test('the last two reports at once hold it, too', async (t) => {
  const { catalog, moderation, elsewhere, level } = await world(t);
  await catalog.put([image('a', { browsingLevel: 1 })], UNKNOWN);
  await Promise.all([
    moderation.report('image', 'a', report('ann')),
    elsewhere.report('image', 'a', report('ben')),
    moderation.report('image', 'a', report('cem')),
  ]);
  t.equal(await level('a'), 0);
});

t.test('a person may report so many items an hour, and is forgotten when they ask for it', async (t) => {
  const { db, catalog, moderation } = await world(t);
  await catalog.put(
    Array.from({ length: 6 }, (_, n) => image(`i${n}`, { browsingLevel: 1 })),
    UNKNOWN,
  );
  for (let n = 0; n < 5; n++) await moderation.report('image', `i${n}`, report('ann'));
  await t.rejects(moderation.report('image', 'i5', report('ann')), { code: 'reports-limited', status: 429 });
  t.same(await moderation.report('image', 'i0', report('ann')), { status: 'known' });
  const atOnce = Array.from({ length: 6 }, (_, n) => moderation.report('image', `i${n}`, report('ben')));
  const taken = (await Promise.allSettled(atOnce)).filter(({ status }) => status === 'fulfilled');
  t.equal(taken.length, 5, 'also all at once');
  const { version } = catalog.columns;
  await moderation.report('image', 'i0', report('ann'));
  t.equal((await db.pool.query("select value from clocks where name = 'catalogue'")).rows[0].value, version);
  await eraseUser(db, 'ann');
  const { rows } = await db.pool.query("select count(*) as n from item_reports where reporter = 'ann'");
  t.equal(Number(rows[0].n), 0);
  t.equal(Number((await db.pool.query('select count(*) as n from item_reports')).rows[0].n), 10);
});

t.test('no unsafe item is served while levels change under load', async (t) => {
  const { db, recommender, pictures } = await servingWorld(t);
  const other = { ...db, pool: secondPool(db) };
  t.teardown(() => other.pool.end());
  const catalog = await testCatalog(other, 64);
  const moderation = openModeration({ db: other, catalog, rule, picture }, { toHold: 1, perHour: 1e6 });
  const told = await flipLevels({ recommender, catalog, moderation, items: pictures }, { requests: 300 });
  t.same(told.unsafe, []);
  t.ok(told.requests >= 300 && told.items > 100 && told.changes > 20, JSON.stringify(told));
});
