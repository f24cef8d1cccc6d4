import t from 'tap';
import { seededRandom } from '../../src/recommend/random.ts';
import { testDatabase } from '../support/database.ts';
import { event, openReplica, statuses } from '../support/events.ts';

const db = await testDatabase(t);
const one = await openReplica(t, db);
const two = await openReplica(t, db);

const stored = async (user: string) =>
  (
    await db.pool.query(
      `select e.event_id, e.seq::int, e.type, e.position, e.synthetic, e.recommendation_id, i.id as item, i.status,
         (extract(epoch from e.occurred_at) * 1000)::float8 as at
       from events e join users u on u.ref = e.user_ref join items i on i.ref = e.item_ref
       where u.id = $1 order by e.seq`,
      [user],
    )
  ).rows;
const seqOf = async (user: string) =>
  Number((await db.pool.query('select seq from users where id = $1', [user])).rows[0]?.seq ?? -1);

t.test('an accepted event is stored as it was sent, in the order of its user', async (t) => {
  const list = '0198c0de-0000-7000-8000-000000000001';
  const first = event('ann', 'a', { type: 'heart', recommendationId: list, position: 7 });
  t.same(statuses(await one.events.ingest([first, event('ann', 'b')])), ['accepted', 'accepted']);
  t.match(await stored('ann'), [
    {
      event_id: first.eventId,
      seq: 1,
      type: 6,
      position: 7,
      recommendation_id: list,
      at: Date.parse(first.occurredAt),
    },
    { seq: 2, type: 5, position: null, synthetic: false, recommendation_id: null },
  ]);
  t.equal(await seqOf('ann'), 2);
});

t.test('a bad event is refused by itself and the rest go on', async (t) => {
  const results = await one.events.ingest([
    event('bea', 'a'),
    event('bea', 'a', { type: 'adore' as 'like' }),
    null,
    event('bea', 'b', { occurredAt: '9999-01-01T00:00:00Z' }),
    event('bea', 'c'),
  ]);
  t.same(
    results.map(({ status, code }) => code ?? status),
    ['accepted', 'type-invalid', 'event-not-an-object', 'occurred-in-future', 'accepted'],
  );
  t.equal((await stored('bea')).length, 2);
});

t.test(
  'the same event again is a duplicate, another under its id a conflict, also within one batch',
  async (t) => {
    const first = event('cem', 'a');
    const other = { ...first, type: 'dislike' as const };
    t.same(statuses(await one.events.ingest([first, first, other])), ['accepted', 'duplicate', 'conflict']);
    t.same(statuses(await two.events.ingest([other, first, other])), ['conflict', 'duplicate', 'conflict']);
    t.equal((await stored('cem')).length, 1);
    t.equal(await seqOf('cem'), 1);
  },
);

t.test('the same ids from two replicas at once are accepted once', async (t) => {
  const batch = Array.from({ length: 300 }, (_, n) => event(`dan-${n % 7}`, `i${n}`));
  const answers = await Promise.all(
    [batch, batch.toReversed(), batch, batch.toReversed()].map((events, n) =>
      (n % 2 ? one : two).events.ingest(events),
    ),
  );
  const accepted = answers.flat().filter(({ status }) => status === 'accepted');
  t.equal(accepted.length, 300);
  t.equal(new Set(accepted.map(({ eventId }) => eventId)).size, 300);
  t.ok(answers.flat().every(({ status }) => status === 'accepted' || status === 'duplicate'));
  const { rows } = await db.pool.query(
    `select sum(seq)::int as seqs, (select count(*)::int from events e join users v on v.ref = e.user_ref
       where v.id like 'dan-%') as events from users where id like 'dan-%'`,
  );
  t.same(rows[0], { seqs: 300, events: 300 });
});

t.test(
  'batches over the same shuffled people from two replicas do not deadlock, and no number is used twice',
  async (t) => {
    const people = Array.from({ length: 40 }, (_, n) => `eve-${n}`);
    const random = seededRandom(7).next;
    const batch = () =>
      people.toSorted(() => random() - 0.5).map((user) => event(user, `i${Math.floor(random() * 50)}`));
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => (n % 2 ? one : two).events.ingest(batch())),
    );
    t.ok(answers.flat().every(({ status }) => status === 'accepted'));
    const { rows } = await db.pool.query(
      `select count(*)::int as n, min(e.seq)::int as first, max(e.seq)::int as last, count(distinct e.seq)::int as distinct
     from events e join users u on u.ref = e.user_ref where u.id like 'eve-%' group by u.ref`,
    );
    t.equal(rows.length, 40);
    for (const row of rows) t.same(row, { n: 60, first: 1, last: 60, distinct: 60 });
  },
);

t.test('an event of an unknown item is kept and joined when the item comes', async (t) => {
  t.same(statuses(await one.events.ingest([event('fay', 'later', { itemKind: 'model' })])), ['accepted']);
  t.match(await stored('fay'), [{ item: 'later', status: 0 }]);
  const { placeholders } = await one.catalog.counts();
  t.ok(placeholders > 0);
  await two.catalog.put([{ kind: 'model', id: 'later', title: 'It came', browsingLevel: 1 }], {
    mode: 'trusted',
  });
  t.match(await stored('fay'), [{ item: 'later', status: 1 }]);
  const ref = two.catalog.columns.refOf('model', 'later')!;
  t.same([...(await one.events.state('fay', await one.events.freshness('fay'))).seen], [ref]);
});

t.test('hostile text in ids is refused or stored, never a fault', async (t) => {
  const odd = [
    "'; drop table users; --",
    '{"a"}',
    'NULL',
    '\\',
    '"',
    '💥',
    '\u202e',
    ' ',
    'a,b',
    '{}',
    '\n\t',
  ];
  const results = await one.events.ingest(odd.map((id, n) => event(id, id, { eventId: `odd-${n}-${id}` })));
  t.ok(results.every(({ status }) => status === 'accepted'));
  for (const id of odd) t.match(await stored(id), [{ item: id }]);
  const refused = await one.events.ingest([
    event('a\0', 'x'),
    event('\udfff', 'x'),
    event('x'.repeat(10_000), 'x'),
  ]);
  t.same(new Set(refused.map(({ code }) => code)), new Set(['user-id-invalid']));
});

t.test('many single events share few transactions and all are stored', async (t) => {
  const before = await commits();
  const answers = await Promise.all(
    Array.from({ length: 400 }, (_, n) => one.events.ingest([event(`gus-${n}`, 'a')])),
  );
  t.ok(answers.every(([result]) => result!.status === 'accepted'));
  t.ok((await commits()) - before < 100, 'far fewer commits than events');
});

t.test('an import says synthetic and is idempotent', async (t) => {
  const events = Array.from({ length: 5000 }, (_, n) => ({
    ...event(`hal-${n % 10}`, `i${n % 97}`, { eventId: `file:${n}` }),
    occurredAt: new Date(n * 60_000).toISOString(),
    synthetic: true,
  }));
  const bad = { ...events[0]!, eventId: 'file:bad', itemId: '' };
  t.same(await one.events.ingestImported([...events.slice(0, 3000), bad]), {
    ...{ accepted: 3000, duplicate: 0, conflict: 0, rejected: 1 },
  });
  t.same(await two.events.ingestImported(events), {
    accepted: 2000,
    duplicate: 3000,
    conflict: 0,
    rejected: 0,
  });
  t.match(
    await stored('hal-3'),
    Array.from({ length: 500 }, (_, n) => ({ seq: n + 1, synthetic: true })),
  );
});

t.test('events that were taken in before closing are written', async (t) => {
  const three = await openReplica(t, db);
  const answer = three.events.ingest([event('ida', 'a')]);
  await three.events.close();
  t.same(statuses(await answer), ['accepted']);
});

async function commits(): Promise<number> {
  const { rows } = await db.pool.query('select count(distinct xmin::text)::int as n from events');
  return rows[0].n;
}
