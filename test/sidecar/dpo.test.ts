import { join } from 'node:path';
import t from 'tap';
import { TRAININGS } from '../../schemas/training.ts';
import { openDpo, SHIPPED } from '../../src/dpo/index.ts';
import { listArtifacts, writeArtifact, writeTensor } from '../../src/models/index.ts';
import { testDatabase } from '../support/database.ts';
import { openReplica } from '../support/events.ts';
import { startSidecar } from '../support/sidecar.ts';
import { atStep, openTestTrainings, over, until } from '../support/trainings.ts';

const SIDE = 64;
const CHANNELS = 3;
const PAIRS = 20;

t.setTimeout(1_200_000);
const home = t.testdir();
const sidecar = await startSidecar(t, home, { jobs: 'hamlet_sidecar.jobs.registry' });
const db = await testDatabase(t);
const { catalog } = await openReplica(t, db);
const trainings = await openTestTrainings(t, db, home, [sidecar.url], { kinds: TRAININGS });
const images = { load: () => Promise.reject(new Error('no picture is asked for')) };
const dpo = openDpo({ db, home, images, catalog, clip: join(SHIPPED, 'clip') });

/** Light pictures win against dark ones; the prompts that judge are in two languages. */
async function writePairs(): Promise<string> {
  const shape = [2 * PAIRS, SIDE, SIDE, CHANNELS];
  const bytes = SIDE * SIDE * CHANNELS;
  const data = Buffer.alloc(2 * PAIRS * bytes);
  for (let n = 0; n < 2 * PAIRS; n++) data.fill(n % 2 === 0 ? 200 + n : 20 + n, n * bytes, (n + 1) * bytes);
  const pairs = Array.from({ length: PAIRS }, (_, n) => ({
    ...{ winner: 2 * n, loser: 2 * n + 1, prompt: 'a lighthouse, deep blue', cluster: 0, margin: 1 },
  }));
  const told = {
    ...{ source: 'implicit', score: { implicit: 'position by none' }, pairs, statistics: { pairs: PAIRS } },
    pictures: pairs.flatMap((_, n) => [`light-${n}`, `dark-${n}`]),
    heldOut: ['un phare, au crépuscule', '灯台、夕暮れ'],
  };
  await writeArtifact(
    join(home, 'artifacts/dpo-pairs-light'),
    {
      ...{ kind: 'dpo-pairs', version: 'light', contract: 'hamlet-dpo-pairs/1', parameters: {} },
      dataset: { digest: 'of a test' },
    },
    {
      'pairs.json': Buffer.from(JSON.stringify(told)),
      'pixels.safetensors': writeTensor('pixels', { dtype: 'U8', shape, data }),
    },
  );
  return 'dpo-pairs-light';
}

t.test('of two trainings at once one waits; one is stopped in a step, the other is published', async (t) => {
  const pairs = await writePairs();
  const small = { batch: 2, rank: 2, looks: 1, verdict: 2, samplerSteps: 2, strengths: [1] };
  const start = async (steps: number) =>
    trainings.start('train-dpo', await dpo.trainingSpec(pairs, { ...small, steps, evaluateEvery: steps }));
  const endless = await start(10_000);
  await until(trainings, endless.id, atStep(1), 300_000);
  const second = await start(2);
  const { metrics } = await trainings.get(endless.id);
  await until(trainings, endless.id, atStep((metrics.step ?? 0) + 2), 300_000);
  t.match(
    await trainings.get(second.id),
    { state: 'queued', progress: 0 },
    'it waits while the other trains',
  );

  await trainings.cancel(endless.id);
  t.match(await until(trainings, endless.id, over), { state: 'cancelled', result: null, error: null });
  const done = await until(trainings, second.id, over, 300_000);
  t.match(done, { state: 'done', error: null, result: { pairsFrom: 'implicit', steps: 2 } });
  const [adapter, ...others] = await listArtifacts(db, 'dpo-adapter');
  t.match([adapter, others], [{ state: 'candidate', manifest: { dataset: { pairs: PAIRS } } }, []]);

  const { item, version } = await dpo.publish(adapter!.version);
  t.match(await catalog.get('model', item!), {
    attributes: { verdict: { 'clip-score': {}, preference: {} } },
  });
  const { bytes, stream } = await dpo.file(`dpo-adapter-${version}`, 'adapter.safetensors');
  stream.destroy();
  t.ok(bytes! > 10_000, `${bytes} bytes of weights`);
  t.same(await dpo.rollback(), { version: null, item: null });
  t.equal(await catalog.get('model', item!), null);
});
