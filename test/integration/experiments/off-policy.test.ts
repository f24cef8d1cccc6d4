import t from 'tap';
import { positionChances } from '../../../src/experiments/off-policy/chances.ts';
import { openOffPolicy } from '../../../src/experiments/off-policy/index.ts';
import { readDrawnLists } from '../../../src/experiments/off-policy/read.ts';
import { buildHttp } from '../../../src/http/index.ts';
import { event } from '../../support/events.ts';
import { fakeExperiments } from '../../support/fake-experiments.ts';
import { fakeParts } from '../../support/fakes.ts';
import { patientInject } from '../../support/patient.ts';
import { servingWorld } from '../../support/serving-world.ts';

t.setTimeout(240_000);
const { db, events, ask } = await servingWorld(t, { DRAW_SHARE: 1, DRAW_TEMPERATURE: 0.5 });
const judge = openOffPolicy(db);
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
  const { onPolicy, ips, snips, effectiveLists, unsupported } = await judge(which, {});
  t.ok(onPolicy.value >= 2);
  t.ok(Math.abs(ips.value - onPolicy.value) < 1e-9);
  t.ok(Math.abs(snips.value - onPolicy.value) < 1e-9);
  t.ok(Math.abs(effectiveLists - 60) < 1e-6);
  t.equal(unsupported, 0);
});

t.test('a log without draws cannot speak for anything', async (t) => {
  await t.rejects(judge({ ...which, variant: 'nowhere' }, {}), {
    code: 'no-support',
    status: 422,
  });
});

t.test(
  'over HTTP a sharper draw is judged, and a target that would make other lists is refused',
  async (t) => {
    const { parts } = fakeParts({}, { experiments: { ...fakeExperiments(), offPolicy: judge } });
    const app = await buildHttp(parts);
    t.teardown(() => app.close());
    const ask = (target: object) =>
      patientInject(app, {
        ...{ method: 'POST', url: '/admin/off-policy', headers: { host: 'localhost' } },
        payload: { target },
      });
    const sharper = (await ask({ overrides: { drawTemperature: 0.4 } })).json();
    t.same(sharper, JSON.parse(JSON.stringify(await judge(which, { temperature: 0.4 }))));
    t.ok(sharper.effectiveLists > 1 && sharper.effectiveLists < 60);
    const reasons: [object, RegExp][] = [
      [{ sources: ['taste'] }, /no probability/u],
      [{ redundancyCost: 2 }, /order before the draw/u],
      [{ drawTemperature: 1, weights: { taste: 1 } }, /no probability/u],
    ];
    for (const [overrides, why] of reasons) {
      const answer = await ask({ overrides });
      t.equal(answer.statusCode, 422);
      t.match(answer.json(), { code: 'target-unsound', detail: why });
    }
    t.equal((await ask({ temperature: 1, overrides: { drawTemperature: 1 } })).statusCode, 400);
    t.equal((await ask({ boost: { 'a b': 1 } })).statusCode, 400);
    t.match((await ask({ boost: { similar: 1000, trending: 0 }, temperature: 0.001 })).json(), {
      code: 'no-support',
      detail: /% of what the target would show/u,
    });
  },
);

t.test('targets are judged one at a time', async (t) => {
  const first = judge(which, {});
  await t.rejects(judge(which, {}), { code: 'already-running', status: 409 });
  t.equal((await first).lists, 60);
  t.equal((await judge(which, {})).lists, 60);
});
