import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { writeTestCall } from '../../../src/cli/test-calls.ts';
import { evaluateInteractions } from '../../../src/evaluation/index.ts';
import { judge } from '../../../src/evaluation/interactions/metrics.ts';
import { readMatrix } from '../../../src/evaluation/interactions/npz.ts';
import { writeMatrix } from '../../support/matrix.ts';
import { writeRingTowers } from '../../support/tower-artifact.ts';

const RING = 30;
const IDS = Array.from({ length: RING }, (_, n) => String(n));

/** Everybody has one item of the ring and wants the next one; the towers of the ring know it. */
async function ring(t: Test, step = 1) {
  const home = t.testdir();
  const people = Array.from({ length: 20 }, (_, user) => user);
  const train = await writeMatrix(
    join(home, 'train.npz'),
    people.map((user) => [user]),
    RING,
  );
  const test = await writeMatrix(
    join(home, 'test.npz'),
    people.map((user) => (user === 3 ? [] : [(user + 1) % RING, (user + 9) % RING])),
    RING,
  );
  const artifact = await writeRingTowers(home, IDS, { step });
  const ask = (changed: object = {}) =>
    evaluateInteractions({
      ...{ train, test, artifact, recommenders: ['two-tower', 'popularity'], k: 1, seed: 1, ...changed },
    });
  return { home, train, test, ask };
}

t.test('recall is hits by all targets, and who has none is not asked about', async (t) => {
  const { ask } = await ring(t);
  const report = await ask();
  t.equal(report.protocol.users, 19);
  t.equal(report.recommenders['two-tower']!['Recall@1'], 0.5);
  t.equal(report.recommenders['two-tower']!['NDCG@1'], 1);
  t.same(report.artifacts, [{ kind: 'two-tower-image', version: 'ring', dataset: 'ring' }]);
  const wrong = await (await ring(t, 5)).ask();
  t.equal(wrong.recommenders['two-tower']!['Recall@1'], 0);
});

t.test('ties count against the model and the seen takes no place', (t) => {
  const best = (columns: number[], scores: number[]) => ({
    columns: Int32Array.from(columns),
    scores: Float32Array.from(scores),
  });
  const asked = new Set([4]);
  const list = best([7, 4, 5, 6], [9, 8, 7, 6]);
  t.match(judge(list, new Set([7]), asked, 1), { recall: 1, ndcg: 1, list: [4] });
  t.match(judge(list, new Set(), asked, 1), { recall: 0, ndcg: 0 });
  t.match(judge(list, new Set(), asked, 2), { recall: 1, ndcg: 1 / Math.log2(3) });
  t.match(judge(best([4, 5, 6], [1, 1, 1]), new Set(), asked, 2), { recall: 0, ndcg: 0 });
  t.match(judge(best([4, 5], [Number.NaN, Number.NaN]), new Set(), asked, 1), { recall: 0 });
  t.match(judge(best([4, 5, 6], [3, 2, 1]), new Set(), new Set([4, 9, 8, 7]), 2), { recall: 0.25 });
  t.end();
});

t.test('each call is one of the test set and is written down', async (t) => {
  const { ask, home } = await ring(t);
  const file = join(home, 'test-calls.md');
  await writeTestCall(await ask({ recommenders: ['two-tower'] }), file);
  t.match(
    await readFile(file, 'utf8'),
    /\| two-tower-image-ring \| Recall@1\/NDCG@1: two-tower 0\.5000\/1\.0000 \|/,
  );
});

t.test('an array that is larger than its file says, or than any may be, is not unpacked', async (t) => {
  const { home, train } = await ring(t);
  const ENTRY = Buffer.from('504b0102', 'hex');
  for (const claimed of [10, 0xffff_0000]) {
    const bytes = await readFile(train);
    for (let at = bytes.indexOf(ENTRY); at >= 0; at = bytes.indexOf(ENTRY, at + 1))
      bytes.writeUInt32LE(claimed, at + 24);
    await writeFile(join(home, 'bomb.npz'), bytes);
    await t.rejects(
      readMatrix(join(home, 'bomb.npz')),
      { code: 'interactions-unreadable' },
      `${claimed} bytes`,
    );
  }
});

t.test('what cannot be measured is refused', async (t) => {
  const { ask, home, train, test } = await ring(t);
  const small = await writeMatrix(join(home, 'small.npz'), [[0], [1]], 2, false);
  t.match(
    await readMatrix(small),
    { users: 2, items: 2, columns: Int32Array.of(0, 1) },
    'stored is read, too',
  );
  const empty = await writeMatrix(join(home, 'empty.npz'), new Array(20).fill([]), RING);
  await writeFile(join(home, 'none.npz'), 'no matrix');
  await writeFile(join(home, 'cut.npz'), (await readFile(train)).subarray(60));
  for (const [changed, code] of [
    [{ test: join(home, 'absent.npz') }, 'file-unreadable'],
    [{ test: join(home, 'none.npz') }, 'interactions-unreadable'],
    [{ test: join(home, 'cut.npz') }, 'interactions-unreadable'],
    [{ test: small }, 'interactions-unreadable'],
    [{ test: empty }, 'interactions-empty'],
    [{ train: small, test: small }, 'artifact-foreign'],
    [{ recommenders: ['ease'] }, 'recommender-unknown'],
    [{ artifact: undefined }, 'option-invalid'],
    [{ k: 0 }, 'option-invalid'],
    [{ artifact: home }, 'artifact-invalid'],
  ] as const)
    await t.rejects(ask({ train, test, ...changed }), { code }, `${code} ${Object.keys(changed)}`);
});
