import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { TRAININGS } from '../../schemas/training.ts';
import { loadConfig } from '../../src/config.ts';
import { openJobs } from '../../src/jobs/index.ts';
import { silentLog } from '../../src/log.ts';
import { activeArtifact, artifactOf, promote } from '../../src/models/index.ts';
import { beginRetraining, retrainOnSchedule, type Verdict } from '../../src/promotion/index.ts';
import { openSidecars } from '../../src/sidecar/index.ts';
import { openTrainings } from '../../src/trainings/index.ts';
import { testDatabase } from '../support/database.ts';
import { event, openReplica } from '../support/events.ts';
import { startSidecar } from '../support/sidecar.ts';
import { over, until } from '../support/trainings.ts';

t.setTimeout(1_200_000);
const KIND = 'sasrec-image';
const ITEMS = 30;
const PEOPLE = 120;
const SINCE = Date.UTC(2026, 5, 1);
const IDS = Array.from({ length: ITEMS }, (_, n) => `ring-${n}`);

const home = t.testdir();
const sidecar = await startSidecar(t, home, { jobs: 'hamlet_sidecar.jobs.registry' });
const db = await testDatabase(t);
const { catalog, events } = await openReplica(t, db);
await catalog.put(
  IDS.map((id) => ({ kind: 'image' as const, id, title: id, url: `/${id}`, browsingLevel: 1 })),
  { mode: 'trusted' },
);
// Eleven steps around the ring, an hour each.
await events.ingest(
  Array.from({ length: PEOPLE }, (_, person) =>
    Array.from({ length: 11 }, (_, step) =>
      event(`p${person}`, IDS[(person * 7 + step) % ITEMS]!, {
        occurredAt: new Date(SINCE + step * 3_600_000).toISOString(),
      }),
    ),
  ).flat(),
);
const jobs = await openJobs(db, silentLog);
const sidecars = openSidecars(loadConfig({}, { SIDECAR_URL: sidecar.url }), silentLog);
const trainings = await openTrainings({
  ...{ db, jobs, sidecars, home, log: silentLog },
  ...{ kinds: TRAININGS, times: { poll: 100 } },
});
t.teardown(async () => {
  trainings.stop();
  await jobs.stop();
});
const parts = { db, home, catalog, events, jobs, trainings, margin: 0, log: silentLog, pollMs: 100 };

/** The verdict on whatever comes of the retrainings that are begun now. */
async function retrained(): Promise<Verdict & { version: string }> {
  const [id] = await beginRetraining(parts);
  t.same(await beginRetraining(parts), [id], 'what is under way is not begun twice');
  const { result, error } = await until(trainings, id!, over, 600_000);
  t.equal(error, null);
  const version = String(result!.artifact).slice(KIND.length + 1);
  for (;;) {
    const { metrics, state } = await artifactOf(db, KIND, version);
    if (state !== 'candidate') return { ...(metrics.verdict as Verdict), version };
    await sleep(100);
  }
}

t.test('nothing is begun while nothing is in force', async (t) => {
  await retrainOnSchedule(parts, 0);
  t.same(await beginRetraining(parts), []);
});

t.test('a model goes on from the last one over new events, and serves because it is better', async (t) => {
  const shape = { d: 16, heads: 1, blocks: 1, dropout: 0, length: 20, batch: 32, learningRate: 0.01 };
  const { id } = await trainings.start('train-sasrec', {
    ...{ ...shape, snapshot: 'latest', epochs: 1, patience: 3, until: SINCE + 4 * 3_600_000 },
  });
  const { result } = await until(trainings, id, over, 600_000);
  const first = String(result!.artifact).slice(KIND.length + 1);
  await promote(db, KIND, first);
  const verdict = await retrained();
  t.match(verdict, { outcome: 'promoted', against: first, comparison: { metric: 'NDCG@10' } });
  t.ok(verdict.comparison!.ci95[0] > 0, verdict.reason);
  t.equal((await activeArtifact(db, KIND))!.version, verdict.version);
  const { parameters } = (await artifactOf(db, KIND, verdict.version)).manifest;
  t.match(parameters, { start: `${KIND}-${first}`, d: 16, until: Number });
});
