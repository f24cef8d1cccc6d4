import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { TRAININGS } from '../../schemas/training.ts';
import { SIDECAR, sidecarPython } from '../../scripts/sidecar-env.ts';
import { listArtifacts, promote } from '../../src/models/index.ts';
import { testDatabase } from '../support/database.ts';
import { startSidecar } from '../support/sidecar.ts';
import { openTestTrainings, over, until } from '../support/trainings.ts';

t.setTimeout(1_200_000);
const home = t.testdir();
const sidecar = await startSidecar(t, home, { jobs: 'hamlet_sidecar.jobs.registry' });
const db = await testDatabase(t);
const trainings = await openTestTrainings(t, db, home, [sidecar.url], { kinds: TRAININGS });

t.test('a shipped training goes from the request to an artifact in force, at a small scale', async (t) => {
  const draw = 'import sys, pathlib, planted_pictures as p; p.write_pictures(pathlib.Path(sys.argv[1]))';
  const renders = join(home, 'artifacts/renders');
  const drawn = spawnSync(await sidecarPython(), ['-c', draw, renders], { cwd: join(SIDECAR, 'tests') });
  t.equal(drawn.status, 0, String(drawn.stderr));

  const spec = { renders: 'renders', scale: 'test', steps: 4, batch: 8, seed: 3 };
  const { id } = await trainings.start('train-clip', spec);
  const ended = await until(trainings, id, over, 600_000);
  t.match(ended, { state: 'done', attempt: 1, error: null, result: { artifact: /^clip-[0-9a-f]{16}$/ } });
  t.match(await listArtifacts(db, 'clip'), [
    {
      state: 'candidate',
      manifest: {
        contract: 'clip/1',
        seeds: [3],
        parameters: { steps: 4 },
        dataset: { digest: /^[0-9a-f]{64}$/ },
      },
    },
  ]);
  const { manifest } = (await listArtifacts(db, 'clip'))[0]!;
  t.ok(
    manifest.files['answers.json'] && manifest.files['onnx/vision_model.onnx'],
    'it answered as it did there',
  );
  const version = (ended.result!.artifact as string).slice('clip-'.length);
  t.match(await promote(db, 'clip', version), { state: 'active' });
});

t.test('a spec that no training could follow is refused with the field at fault', async (t) => {
  for (const [spec, pointer] of [
    [{ renders: '../../etc', steps: 1 }, '/spec/renders'],
    [{ renders: 'renders', steps: 1e12 }, '/spec/steps'],
    [{ renders: 'renders', learningRate: 'NaN' }, '/spec/learningRate'],
  ] as const)
    await t.rejects(trainings.start('train-clip', spec), { code: 'spec-invalid', status: 400, pointer });
});
