import t from 'tap';
import { HamletError } from '../../src/errors.ts';
import { testDatabase } from '../support/database.ts';
import { event, openReplica, stateNow, statuses } from '../support/events.ts';

const db = await testDatabase(t);
const one = await openReplica(t, db);
const two = await openReplica(t, db);
const trusted = { mode: 'trusted' } as const;
const items = ['i1', 'i2', 'i3'].map((id) => ({
  kind: 'image' as const,
  id,
  title: id,
  creatorId: `by-${id}`,
}));
await one.catalog.put(items, trusted);

t.test('a user is made, read and changed, and what is not given stays', async (t) => {
  t.equal(await one.events.getUser('ann'), null);
  t.same(await one.events.putUser('ann', { attributes: { plan: 'pro' } }), { status: 'created' });
  t.same(await one.events.putUser('ann', { preferences: { maxLevel: 4 } }), { status: 'updated' });
  await one.events.ingest([event('ann', 'i1'), event('ann', 'i2')]);
  t.match(await two.events.getUser('ann'), {
    ...{ id: 'ann', stored: true, attributes: { plan: 'pro' }, preferences: { maxLevel: 4 } },
    counts: { events: 2, items: 0, lists: 0 },
  });
  t.match(await two.events.getUser('by-i1'), { stored: false, counts: { items: 1 } });
});

t.test('someone known by an event alone becomes stored when put', async (t) => {
  await one.events.ingest([event('bea', 'i1')]);
  t.match(await one.events.getUser('bea'), { stored: false });
  t.same(await one.events.putUser('bea', {}), { status: 'updated' });
  t.match(await one.events.getUser('bea'), { stored: true, preferences: {} });
});

t.test('preferences are in the next state on every replica', async (t) => {
  await one.events.ingest([event('cem', 'i1')]);
  await Promise.all([stateNow(one.events, 'cem'), stateNow(two.events, 'cem')]);
  const wishes = {
    hiddenCreators: ['by-i2', 'not-here-yet'],
    hiddenTags: ['castle'],
    commercialUseOnly: true,
  };
  t.same(await one.events.putPreferences('cem', wishes), wishes);
  await one.catalog.put([{ kind: 'image', id: 'i4', title: 'i4', creatorId: 'not-here-yet' }], trusted);
  for (const { events, catalog } of [one, two]) {
    const fresh = await events.freshness('cem');
    await catalog.catchUp(fresh.catalogue);
    const state = await events.state('cem', fresh);
    const creator = (id: string) => catalog.columns.creator[catalog.columns.refOf('image', id)!]!;
    t.same(state.preferences, wishes);
    t.same(state.hiddenTags, new Set(['castle']));
    t.same(state.hiddenCreators, new Set([creator('i2'), creator('i4')]));
    t.equal(state.recent.length, 1);
  }
  await two.events.putPreferences('cem', {});
  t.same((await stateNow(one.events, 'cem')).hiddenCreators, new Set());
});

t.test('what cannot be a preference or an attribute is refused with its place', async (t) => {
  const refused = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return error instanceof HamletError && { code: error.code, status: error.status, pointer: error.pointer };
  };
  const bad = 'preferences-invalid';
  for (const [wishes, pointer] of [
    [{ maxLevel: 3 }, '/preferences/maxLevel'],
    [{ maxLevel: 32 }, '/preferences/maxLevel'],
    [{ hiddenTags: ['a\0'] }, '/preferences/hiddenTags'],
    [{ hiddenTags: 'castle' }, '/preferences/hiddenTags'],
    [{ hiddenCreators: Array(1001).fill('a') }, '/preferences/hiddenCreators'],
    [{ excludeFromTraining: 'yes' }, '/preferences/excludeFromTraining'],
    [{ 'a/b': 1 }, '/preferences/a~1b'],
    [[], '/preferences'],
    [null, '/preferences'],
  ] as const)
    t.same(await refused(one.events.putPreferences('dan', wishes)), { code: bad, status: 400, pointer });
  const attributes = { code: 'attributes-invalid', status: 400, pointer: '/attributes' };
  t.same(await refused(one.events.putUser('dan', { attributes: { a: '\ud800' } })), attributes);
  t.same(await refused(one.events.putUser('dan', { attributes: { a: 'x'.repeat(20_000) } })), attributes);
  t.match(await refused(one.events.putUser('a\0', {})), { code: 'user-id-invalid' });
  t.match(await refused(one.events.getUser('x'.repeat(257))), { code: 'user-id-invalid' });
  t.equal(await one.events.getUser('dan'), null);
});

t.test('an erased person is a new person on every replica, and nothing of theirs is left', async (t) => {
  const id = 'eve-to-be-erased';
  await one.events.putUser(id, {
    attributes: { mail: 'eve@example.org' },
    preferences: { hiddenTags: ['x'] },
  });
  const likes = Array.from({ length: 120 }, (_, n) => event(id, `i${1 + (n % 3)}`));
  await one.events.ingest(likes);
  await one.catalog.put([{ kind: 'image', id: 'hers', title: 'Hers', creatorId: id }], trusted);
  const list = '0198c0de-0000-7000-8000-000000000009';
  await db.pool.query(
    `insert into recommendations (id, created_at, user_id, user_seq, kind, surface, variant, config_digest, max_level,
       seed, items, scores, sources, because, request, served)
     values ($1, now(), $2, 1, 1, 'home', 'v', 'd', 1, 1, '{1}', '{1}', '{1}', '{0}', '{}', 1)`,
    [list, id],
  );
  await db.pool.query('insert into recommendation_pages values ($1, 0, array[1])', [list]);
  for (const { events, catalog } of [one, two]) {
    t.equal((await stateNow(events, id)).recent.length, 3);
    await catalog.catchUp((await events.freshness(id)).catalogue);
    const ref = catalog.columns.refOf('image', 'hers')!;
    t.equal((await catalog.cards([ref])).get(ref)!.creatorId, id);
  }
  const receipt = await one.events.eraseUser(id);
  t.match(receipt, { userId: id, found: true, events: 120, lists: 1, pages: 1, itemsUnlinked: 1 });
  t.match(receipt.digest, /^[0-9a-f]{64}$/);
  for (const { events, catalog } of [one, two]) {
    const fresh = await events.freshness(id);
    t.equal(fresh.user, 0);
    t.match(await events.state(id, fresh), { user: 0, recent: [], preferences: {} });
    t.equal(await events.getUser(id), null);
    await catalog.catchUp(fresh.catalogue);
    const ref = catalog.columns.refOf('image', 'hers')!;
    t.equal((await catalog.cards([ref])).get(ref)!.creatorId, null);
  }
  t.same(await tablesThatHold(id), []);
  t.same(statuses(await two.events.ingest([likes[0]!])), ['accepted'], 'their keys are gone too');
  t.equal((await stateNow(one.events, id)).seen.size, 1);
});

t.test('a person who only ever saw lists is erased too, and nobody is erased twice', async (t) => {
  t.match(await one.events.eraseUser('nobody'), { found: false, events: 0, lists: 0, itemsUnlinked: 0 });
});

t.test(
  'an erasure in the middle of ingestion leaves every acknowledged event before it or after it',
  async (t) => {
    let stop = false;
    const writers = [one, two].map(async ({ events }) => {
      while (!stop) {
        const results = await events.ingest([event('fay', 'i1'), event('gus', 'i2'), event('fay', 'i3')]);
        t.same(statuses(results), ['accepted', 'accepted', 'accepted']);
        await stateNow(events, 'fay');
      }
    });
    let erased = 0;
    for (let n = 0; n < 15; n++) erased += (await one.events.eraseUser('fay')).events;
    stop = true;
    await Promise.all(writers);
    const { rows } = await db.pool.query(
      `select (select count(*)::int from events e left join users u on u.ref = e.user_ref where u.ref is null) as orphans,
       (select count(*)::int from user_states s left join users u on u.ref = s.user_ref where u.ref is null) as states,
       (select count(*)::int from event_keys k full join events e using (event_id)
         where k.event_id is null or e.event_id is null) as unpaired`,
    );
    t.match(rows[0], { orphans: 0, states: 0, unpaired: 0 });
    const gus = (await one.events.getUser('gus'))!.counts.events;
    const fay = (await one.events.getUser('fay'))?.counts.events ?? 0;
    t.equal(erased + fay, gus * 2);
  },
);

/** Names of the tables in which the id stands anywhere. */
async function tablesThatHold(id: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public'`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const hit = await db.pool.query(`select 1 from "${name}" t where t::text like $1 limit 1`, [`%${id}%`]);
    if (hit.rowCount) found.push(name);
  }
  return found;
}
