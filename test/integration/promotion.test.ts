import t from 'tap';
import { Value } from 'typebox/value';
import { TRAININGS } from '../../schemas/training.ts';
import { silentLog } from '../../src/log.ts';
import { activeArtifact, addArtifact, artifactOf, promote } from '../../src/models/index.ts';
import { challenge, retrainingsOf } from '../../src/promotion/index.ts';
import { testDatabase } from '../support/database.ts';
import { event, openReplica } from '../support/events.ts';
import { writeRingModel } from '../support/sequence-artifact.ts';
import { writeRingTowers } from '../support/tower-artifact.ts';

const ITEMS = 30;
const PEOPLE = 40;
const SINCE = Date.UTC(2026, 5, 1);
const IDS = Array.from({ length: ITEMS }, (_, n) => `ring-${n}`);

const db = await testDatabase(t);
const home = t.testdir();
const { catalog, events } = await openReplica(t, db);
const gate = { db, home, catalog, events, margin: 0, log: silentLog };
await catalog.put(
  IDS.map((id) => ({ kind: 'image' as const, id, title: id, url: `/${id}`, browsingLevel: 1 })),
  { mode: 'trusted' },
);
// Everybody walks on around the ring by one, three steps before the moment and two after it.
await events.ingest(
  Array.from({ length: PEOPLE }, (_, person) =>
    [-3, -2, -1, 1, 2].map((step) =>
      event(`p${person}`, IDS[(person * 7 + step + (step < 0 ? 3 : 2)) % ITEMS]!, {
        occurredAt: new Date(SINCE + step * 3_600_000).toISOString(),
      }),
    ),
  ).flat(),
);

/** What it learned of walks in strides of `step`, before the moment. */
async function entered(version: string, step: number, until = SINCE) {
  await writeRingModel(home, IDS, { version, step, parameters: { until } });
  await addArtifact(db, home, `sasrec-image-${version}`);
}
const inForce = async () => (await activeArtifact(db, 'sasrec-image'))?.version;

t.test('the first has to be better than popularity', async (t) => {
  await entered('backwards', ITEMS - 5);
  t.match(await challenge(gate, 'sasrec-image', 'backwards'), { outcome: 'refused', against: 'popularity' });
  t.equal(await inForce(), undefined);
  await entered('half', 2);
  t.match(await challenge(gate, 'sasrec-image', 'half'), { outcome: 'promoted', against: 'popularity' });
  t.equal(await inForce(), 'half');
});

t.test('a better challenger serves, and its figures stay with it', async (t) => {
  await entered('right', 1);
  const verdict = await challenge(gate, 'sasrec-image', 'right');
  t.match(verdict, { outcome: 'promoted', against: 'half', comparison: { people: PEOPLE, challenger: 1 } });
  t.ok(verdict.comparison!.ci95[0] > 0);
  t.equal(await inForce(), 'right');
  t.match((await artifactOf(db, 'sasrec-image', 'right')).metrics, { verdict: { outcome: 'promoted' } });
});

t.test('one that has learned nothing is refused with the reason, and the old one serves', async (t) => {
  await entered('shuffled', 11);
  const { reason } = await challenge(gate, 'sasrec-image', 'shuffled');
  t.match(
    reason,
    /^it is worse: NDCG@10 0\.\d+ against 1\.0000 of right, difference -\d\.\d+ \[.+\] over 40 people$/,
  );
  t.equal(await inForce(), 'right');
  t.match(await artifactOf(db, 'sasrec-image', 'shuffled'), {
    state: 'rejected',
    metrics: { verdict: { reason } },
  });
});

t.test('an equal one is not better beyond doubt, but not worse by a margin', async (t) => {
  await entered('equal', 1);
  t.match(await challenge(gate, 'sasrec-image', 'equal'), { reason: /^it is not better beyond doubt/ });
  await entered('again', 1);
  t.match(await challenge({ ...gate, margin: 0.01 }, 'sasrec-image', 'again'), {
    ...{ outcome: 'promoted', reason: /^it is not worse by 0.01/ },
  });
  await promote(db, 'sasrec-image', 'right');
});

t.test('who has learned of everything there is cannot be judged by it', async (t) => {
  await entered('late', 1, SINCE + 86_400_000);
  t.match(await challenge(gate, 'sasrec-image', 'late'), {
    ...{ outcome: 'refused', reason: /^0 people liked something new since 2026-06-02.*too few to judge by$/ },
  });
  t.equal(await inForce(), 'right');
});

t.test('what is in force stays, and what nobody can judge is said so', async (t) => {
  t.match(await challenge(gate, 'sasrec-image', 'right'), { reason: 'it is in force itself' });
  t.equal((await artifactOf(db, 'sasrec-image', 'right')).state, 'active');
  await t.rejects(challenge(gate, 'clip', 'v1'), { code: 'kind-not-judged', status: 400 });
  await t.rejects(challenge(gate, 'sasrec-image', 'none'), { code: 'artifact-unknown', status: 404 });
});

t.test('two towers are judged by the same questions, and trained again as they were', async (t) => {
  const enter = async (version: string, step: number) => {
    const parameters = { until: SINCE, d: 16, minStrength: 0.7, validation: 0.1, items: 'image' };
    await writeRingTowers(home, IDS, { version, step, parameters: parameters as never });
    await addArtifact(db, home, `two-tower-image-${version}`);
  };
  await enter('walking', 1);
  t.match(await challenge(gate, 'two-tower-image', 'walking'), {
    ...{ outcome: 'promoted', against: 'popularity', comparison: { people: PEOPLE } },
  });
  await enter('lost', 11);
  t.match(await challenge(gate, 'two-tower-image', 'lost'), { outcome: 'refused', against: 'walking' });
  const [, [kind, spec]] = (await retrainingsOf(gate, 'image')) as [unknown, [string, object]];
  t.equal(kind, 'train-two-tower');
  t.match(spec, { snapshot: 'latest', items: 'image', d: 16, minStrength: 0.7, until: Number });
  t.ok(Value.Check(TRAININGS['train-two-tower']!, spec), 'which is a spec');
});
