import t from 'tap';
import { trainedTowers } from '../../../src/evaluation/trained-towers.ts';
import type { Question } from '../../../src/evaluation/types.ts';
import { readTowerArtifact } from '../../../src/models/index.ts';
import { plantColumns, plantUser } from '../../support/recommend-world.ts';
import { writeRingTowers } from '../../support/tower-artifact.ts';

/** Models 1…5 and pictures 6…10 on one ring: after the model 5 the picture 6 is wanted. */
const columns = plantColumns(
  Array.from({ length: 10 }, (_, n) => ({ kind: n < 5 ? ('model' as const) : ('image' as const) })),
);
const IDS = Array.from({ length: 10 }, (_, n) => `item-${n + 1}`);
const PICTURES = Int32Array.of(6, 7, 8, 9, 10);
const readContent = async (items: number[]) =>
  new Map(items.map((item) => [item, Float32Array.from({ length: 10 }, (_, d) => +(d === item - 1))]));

async function prepared(home: string, histories: 'own' | 'all', read = readContent) {
  const planted = { version: histories, tags: [], parameters: { histories } };
  const artifact = await readTowerArtifact(await writeRingTowers(home, IDS, planted));
  const ids = Array.from(PICTURES, (ref) => columns.idOf(ref));
  const recommender = trainedTowers(artifact, ids, { columns, readContent: read });
  const towers = await recommender.prepare({ training: { items: PICTURES } } as never, () => {});
  if (!('score' in towers)) throw new Error('towers score');
  return towers;
}

async function asked(home: string, histories: 'own' | 'all', question: Partial<Question>) {
  const towers = await prepared(home, histories);
  const scores = new Float64Array(PICTURES.length);
  const history = Int32Array.of(1);
  await towers.score(history, scores, { user: 0, history, k: 1, seed: 1, ...question });
  return PICTURES[scores.indexOf(Math.max(...scores))];
}

t.test('towers of every kind are asked with all that the state of then holds', async (t) => {
  const state = plantUser([7, 5]);
  t.equal(await asked(t.testdir(), 'all', { state }), 6, 'the newest is the model 5');
  t.equal(await asked(t.testdir(), 'own', { state }), 8, 'of pictures the newest is 7, column 1');
  t.equal(await asked(t.testdir(), 'all', {}), 8, 'without a state what the split knows is all there is');
});

t.test('what has no content is asked about once', async (t) => {
  const asked: number[] = [];
  const towers = await prepared(t.testdir(), 'all', async (items) => {
    asked.push(...items.filter((item) => item === 5));
    return readContent(items.filter((item) => item !== 5));
  });
  const history = Int32Array.of(1);
  const question = { user: 0, history, k: 1, seed: 1, state: plantUser([7, 5]) };
  for (let n = 0; n < 3; n++) await towers.score(history, new Float64Array(PICTURES.length), question);
  t.same(asked, [5]);
});
