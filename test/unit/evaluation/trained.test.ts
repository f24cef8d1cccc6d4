import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { writeTestCall } from '../../../src/cli/test-calls.ts';
import { evaluate, fileDigest } from '../../../src/evaluation/index.ts';
import { type Planted, writeRingModel } from '../../support/sequence-artifact.ts';

const RING = 50;
const IDS = Array.from({ length: RING }, (_, n) => `i${n}`);
/** 5 to 20 consecutive items each. */
const histories = Array.from({ length: 100 }, (_, user) =>
  [`u${user}`, ...Array.from({ length: 5 + (user % 16) }, (_, n) => IDS[(user * 7 + n) % RING])].join(' '),
).join('\n');

async function ringFile(t: Test, planted: Planted & { ids?: string[] } = {}) {
  const home = t.testdir();
  const sequences = join(home, 'ring.txt');
  await writeFile(sequences, `${histories}\n`);
  const artifact = await writeRingModel(home, planted.ids ?? IDS, planted);
  const ask = (changed: object = {}) =>
    evaluate({
      ...{ sequences, artifacts: [artifact], recommenders: ['sasrec'], protocol: 'leave-one-out-validation' },
      ...{ k: 1, seed: 1, ...changed },
    });
  return { home, sequences, artifact, ask };
}

t.test('a model that knows the ring is always right, beside its baselines and with its name', async (t) => {
  const { ask } = await ringFile(t);
  const report = await ask({ recommenders: ['markov', 'sasrec'] });
  t.equal(report.recommenders.sasrec!['HR@1'], 1);
  t.equal(report.recommenders.sasrec!['NDCG@1'], 1);
  t.same(report.recommenders.sasrec!.ci95['HR@1'], [1, 1]);
  t.same(report.artifacts, [{ kind: 'sasrec-image', version: 'ring', dataset: 'ring' }]);
  t.equal(report.protocol.name, 'leave-one-out-validation');
});

t.test('one that walks the other way is always wrong', async (t) => {
  const { ask } = await ringFile(t, { step: RING - 4 });
  t.equal((await ask()).recommenders.sasrec!['HR@1'], 0);
});

t.test('the pipeline is asked with the model in it', async (t) => {
  const { ask } = await ringFile(t);
  const { recommenders } = await ask({ recommenders: ['pipeline'] });
  t.ok(recommenders.pipeline!['HR@1']! > 0.9, `HR@1 ${recommenders.pipeline!['HR@1']}`);
});

t.test('items that the model does not know stand behind all others', async (t) => {
  const { ask } = await ringFile(t, { ids: IDS.slice(0, 40) });
  const { recommenders } = await ask();
  t.ok(recommenders.sasrec!['HR@1']! < 0.9, `HR@1 ${recommenders.sasrec!['HR@1']}`);
});

t.test('a model that has seen the answers, or none of the items, is not asked', async (t) => {
  const { ask, home, sequences } = await ringFile(t);
  const dataset = await fileDigest(sequences);
  const seen = await writeRingModel(home, IDS, { version: 'seen', dataset, parameters: { withheld: 1 } });
  await t.rejects(ask({ artifacts: [seen] }), { code: 'artifact-leaks', message: /all but the last 1/ });
  t.equal((await ask({ artifacts: [seen], protocol: 'leave-one-out' })).recommenders.sasrec!['HR@1'], 1);
  const foreign = await writeRingModel(home, ['a', 'b', 'c'], { version: 'foreign' });
  await t.rejects(ask({ artifacts: [foreign] }), { code: 'artifact-foreign' });
  await t.rejects(ask({ artifacts: [] }), { code: 'option-invalid', message: /needs the folder/ });
  await t.rejects(ask({ artifacts: [join(home, 'none')] }), { code: 'artifact-invalid' });
});

t.test('each call of the test set is written down, one on validation is not', async (t) => {
  const { ask, home } = await ringFile(t);
  const file = join(home, 'test-calls.md');
  await writeTestCall(await ask(), file);
  await t.rejects(readFile(file), { code: 'ENOENT' });
  const report = await ask({ protocol: 'leave-one-out' });
  await writeTestCall(report, file);
  await writeTestCall(report, file);
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  t.equal(lines.filter((line) => line.startsWith('# ')).length, 1);
  t.equal(lines.filter((line) => line.includes('sasrec-image-ring')).length, 2);
  t.match(
    lines.at(-1),
    /\| ring\.txt [0-9a-f]{8} \| sasrec-image-ring \| HR@1\/NDCG@1: sasrec 1\.0000\/1\.0000 \|$/,
  );
});
