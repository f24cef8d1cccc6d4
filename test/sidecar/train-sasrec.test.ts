import t from 'tap';
import { TRAININGS } from '../../schemas/training.ts';
import { importSequences } from '../../src/imports/index.ts';
import { silentLog } from '../../src/log.ts';
import { listArtifacts, openSequenceModels, promote } from '../../src/models/index.ts';
import { testDatabase } from '../support/database.ts';
import { importParts, write } from '../support/imports.ts';
import { startSidecar } from '../support/sidecar.ts';
import { openTestTrainings, over, until } from '../support/trainings.ts';

t.setTimeout(1_200_000);
const home = t.testdir();
const sidecar = await startSidecar(t, home, { jobs: 'hamlet_sidecar.jobs.registry' });
const db = await testDatabase(t);
const parts = await importParts(t, db, home);
const trainings = await openTestTrainings(t, db, home, [sidecar.url], { kinds: TRAININGS });

const small = { d: 16, heads: 1, blocks: 1, dropout: 0, length: 20, epochs: 12, patience: 3, batch: 32 };
const spec = { ...small, learningRate: 0.01, warmup: 5, snapshot: 'latest' };

t.test('a log without events teaches nothing, and the training says so', async (t) => {
  const { id } = await trainings.start('train-sasrec', spec);
  t.match(await until(trainings, id, over, 600_000), {
    ...{ state: 'failed', attempt: 1, error: { code: 'dataset-empty' } },
  });
});

t.test('the log of a moment goes from the request to a model in force', async (t) => {
  const walk = (user: number) => Array.from({ length: 5 + (user % 16) }, (_, n) => `i${(user * 7 + n) % 50}`);
  const rows = Array.from({ length: 200 }, (_, user) => `u${user} ${walk(user).join(' ')}`);
  await importSequences(parts, { file: write(home, 'ring.txt', `${rows.join('\n')}\n`) });
  const { id } = await trainings.start('train-sasrec', spec);
  const { result, dataset, ...ended } = await until(trainings, id, over, 600_000);
  t.match(ended, { state: 'done', attempt: 1, error: null });
  t.match(result, { artifact: /^sasrec-image-[0-9a-f]{16}$/, validation: { 'NDCG@10': 1 } });
  const [artifact] = await listArtifacts(db, 'sasrec-image');
  t.match(artifact, {
    ...{ state: 'candidate', metrics: { validation: { 'HR@10': 1 } } },
    manifest: { contract: 'sasrec/1', dataset: { digest: dataset, items: 50 }, parameters: { withheld: 1 } },
  });

  await promote(db, 'sasrec-image', artifact!.version);
  const { columns } = parts.catalog;
  const models = await openSequenceModels({ db, home, columns, log: silentLog });
  t.teardown(() => models.close());
  const model = models.current('image')!;
  const column = (name: string) => model.columnOf(columns.refOf('image', name)!);
  const answer = await model.ask({ user: 1, seq: 1 }, Int32Array.of(column('i48'), column('i49')));
  t.equal(columns.idOf(model.itemAt(answer.columns[0]!)), 'i0');
});

t.test('a spec that no training could follow is refused with the field at fault', async (t) => {
  for (const [wrong, pointer] of [
    [{ d: 1e9 }, '/spec/d'],
    [{ sequences: '../../etc/passwd' }, '/spec/sequences'],
    [{ loss: 'magic' }, '/spec/loss'],
    [{ depth: 3 }, '/spec'],
  ] as const)
    await t.rejects(trainings.start('train-sasrec', { ...spec, ...wrong }), {
      ...{ code: 'spec-invalid', status: 400 },
      pointer,
    });
});
