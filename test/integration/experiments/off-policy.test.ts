import t from 'tap';
import { positionChances } from '../../../src/experiments/off-policy/chances.ts';
import { offPolicyReport } from '../../../src/experiments/off-policy/index.ts';
import { readDrawnLists } from '../../../src/experiments/off-policy/read.ts';
import { event } from '../../support/events.ts';
import { servingWorld } from '../../support/serving-world.ts';

const { db, events, ask } = await servingWorld(t, { DRAW_SHARE: 1, DRAW_TEMPERATURE: 0.5 });
const which = {
  ...{ from: new Date(Date.now() - 3.6e6).toISOString(), until: new Date(Date.now() + 3.6e6).toISOString() },
  ...{ kind: 'image' as const, variant: 'default', limit: 1000 },
};
for (let n = 0; n < 60; n++) {
  const userId = `person-${n % 20}`;
  const { items, recommendationId } = await ask(userId);
  const clicked = items.filter(({ position }) => (position + n) % 4 === 0);
  await events.ingest(clicked.map(({ id }) => event(userId, id, { type: 'click', recommendationId })));
}

t.test('the law of a draw is found again from the log: its first chance is the logged one', async (t) => {
  const lists = await readDrawnLists(db, which);
  t.equal(lists.length, 60);
  const { rows } = await db.pool.query<{ first: number }>(
    'select propensities[1] as first from recommendations where draw is not null order by created_at desc',
  );
  for (const [n, { list }] of lists.entries()) {
    const chance = positionChances(list, 10, 1, 1)[0]!;
    t.ok(Math.abs(chance - rows[n]!.first) < 1e-4, `${chance} is ${rows[n]!.first}`);
  }
  t.ok(lists.every(({ clicks }) => clicks.filter(Boolean).length >= 2));
});

t.test('a target that draws as was drawn gets what was clicked', async (t) => {
  const { onPolicy, ips, snips, effectiveLists, unsupported } = await offPolicyReport(db, which, {});
  t.ok(onPolicy.value >= 2);
  t.ok(Math.abs(ips.value - onPolicy.value) < 1e-9);
  t.ok(Math.abs(snips.value - onPolicy.value) < 1e-9);
  t.ok(Math.abs(effectiveLists - 60) < 1e-6);
  t.equal(unsupported, 0);
});

t.test('a log without draws cannot speak for anything', async (t) => {
  await t.rejects(offPolicyReport(db, { ...which, variant: 'nowhere' }, {}), {
    code: 'no-support',
    status: 422,
  });
});
