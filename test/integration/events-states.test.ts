import t from 'tap';
import { applyEvent, type Events, emptyState } from '../../src/events/index.ts';
import { EVENT_CODE, type EventType } from '../../src/events/types.ts';
import { seededRandom } from '../../src/recommend/random.ts';
import { testDatabase } from '../support/database.ts';
import { event, openReplica, stateNow } from '../support/events.ts';

const db = await testDatabase(t);
const one = await openReplica(t, db);
const two = await openReplica(t, db);
const TYPES = Object.keys(EVENT_CODE) as EventType[];
const trusted = { mode: 'trusted' } as const;
await one.catalog.put(
  Array.from({ length: 30 }, (_, n) => ({ kind: 'image' as const, id: `i${n}`, title: `Item ${n}` })),
  trusted,
);
const ref = (id: string) => one.catalog.columns.refOf('image', id)!;
const likedBy = async (events: Events, user: string) =>
  (await stateNow(events, user)).recent.map(({ item }) => item);

t.test('a user nobody knows has an empty state', async (t) => {
  const fresh = await one.events.freshness('nobody');
  t.match(fresh, { user: 0, seq: 0 });
  t.equal(fresh.catalogue, one.catalog.columns.version);
  t.same(await one.events.state('nobody', fresh), emptyState('nobody'));
});

t.test('what one replica accepts, the other reads at once', async (t) => {
  for (let n = 0; n < 20; n++) {
    const [writer, reader] = n % 2 ? [one, two] : [two, one];
    await writer.events.ingest([event('ann', `i${n}`)]);
    t.equal((await likedBy(reader.events, 'ann')).at(-1), ref(`i${n}`));
  }
});

t.test('a dislike and a hide act at once on every replica', async (t) => {
  await one.events.ingest(['i1', 'i2', 'i3'].map((id) => event('bea', id)));
  await Promise.all([stateNow(one.events, 'bea'), stateNow(two.events, 'bea')]);
  await one.events.ingest([event('bea', 'i1', { type: 'dislike' }), event('bea', 'i2', { type: 'hide' })]);
  for (const { events } of [one, two]) {
    const state = await stateNow(events, 'bea');
    t.same(
      state.recent.map(({ item }) => item),
      [ref('i3')],
    );
    t.same(state.disliked, [ref('i1'), ref('i2')]);
    t.same([...state.hidden], [ref('i2')]);
  }
});

t.test('a state in memory, a checkpoint with its tail, and a replay from scratch are the same', async (t) => {
  const random = seededRandom(3);
  const next = (n: number) => Math.floor(random.next() * n);
  const expected = emptyState('cem');
  const live = async (round: number, length: number) => {
    const batch = Array.from({ length }, (_, n) =>
      event('cem', `i${next(30)}`, {
        type: TYPES[next(TYPES.length)]!,
        occurredAt: new Date(1.7e12 + round * 1e6 + n + next(90) - 45).toISOString(),
      }),
    );
    await one.events.ingest(batch);
    for (const { itemId, type, occurredAt } of batch)
      applyEvent(expected, { item: ref(itemId), type, at: Date.parse(occurredAt) });
  };
  for (let round = 0; round < 8; round++) {
    await live(round, 60);
    const state = await stateNow(one.events, 'cem');
    t.same({ ...state, user: 0, seq: 0 }, expected);
    t.equal(state.seq, (round + 1) * 60);
  }
  await until(async () => {
    const { rows } = await db.pool.query(
      `select s.seq::int from user_states s join users u on u.ref = s.user_ref where u.id = 'cem'`,
    );
    return rows[0]?.seq >= 300 ? true : undefined;
  });
  // Nobody asks for the state in between, so these are left to replay on the checkpoint.
  await live(8, 20);
  const cold = await stateNow((await openReplica(t, db)).events, 'cem');
  t.same({ ...cold, user: 0, seq: 0 }, expected);
  await db.pool.query('delete from user_states');
  const scratch = await stateNow((await openReplica(t, db)).events, 'cem');
  t.same(scratch, cold);
});

t.test('a checkpoint by other rules is not used', async (t) => {
  await one.events.ingest([event('dan', 'i1')]);
  await db.pool.query(
    `insert into user_states (user_ref, seq, state)
     select ref, 1, '{"reducer":"0","recent":[],"seen":[999],"disliked":[],"hidden":[]}' from users where id = 'dan'`,
  );
  t.same([...(await stateNow((await openReplica(t, db)).events, 'dan')).seen], [ref('i1')]);
});

t.test('a state that is being used does not change under its user', async (t) => {
  await one.events.ingest([event('eve', 'i1')]);
  const before = await stateNow(one.events, 'eve');
  const copy = structuredClone(before);
  await one.events.ingest([event('eve', 'i1', { type: 'hide' }), event('eve', 'i2')]);
  await stateNow(one.events, 'eve');
  t.same(before, copy);
});

t.test('a memory of two people serves ten, and concurrent asks agree', async (t) => {
  const small = await openReplica(t, db, { stateCacheUsers: 2 });
  const people = Array.from({ length: 10 }, (_, n) => `fay-${n}`);
  await one.events.ingest(people.map((user, n) => event(user, `i${n}`)));
  const asked = await Promise.all(
    [...people, ...people, ...people].map((user) => likedBy(small.events, user)),
  );
  t.same(
    asked,
    [...people, ...people, ...people].map((_, n) => [ref(`i${n % 10}`)]),
  );
});

t.test('events that arrive while states are read are never missed', async (t) => {
  let sent = 0;
  const writer = (async () => {
    for (; sent < 60; sent++) await one.events.ingest([event('gus', 'i1', { type: 'view' })]);
  })();
  const readers = Array.from({ length: 4 }, async () => {
    while (sent < 60) {
      const acknowledged = sent;
      t.ok((await stateNow(two.events, 'gus')).seq >= acknowledged);
    }
  });
  await Promise.all([writer, ...readers]);
});

t.test('ten thousand events of one person and one item are read as one', async (t) => {
  const events = Array.from({ length: 10_000 }, (_, n) =>
    event('hal', 'i5', { type: n % 2 ? 'view' : 'click' }),
  );
  await one.events.ingestImported(events);
  const state = await stateNow(two.events, 'hal');
  t.equal(state.seq, 10_000);
  t.match(state.recent, [{ item: ref('i5'), strength: 0.5 }]);
});

t.test('a clock of the catalogue that moved is in the next freshness', async (t) => {
  const before = (await one.events.freshness('ann')).catalogue;
  await two.catalog.put([{ kind: 'image', id: 'new', title: 'New' }], trusted);
  t.ok((await one.events.freshness('ann')).catalogue > before);
});

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let n = 0; n < 100; n++) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('it did not happen within five seconds');
}
