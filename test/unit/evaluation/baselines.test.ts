import t from 'tap';
import { easeBaseline, easeRecentBaseline } from '../../../src/evaluation/baselines/ease.ts';
import { itemKnnBaseline } from '../../../src/evaluation/baselines/itemknn.ts';
import { markovBaseline } from '../../../src/evaluation/baselines/markov.ts';
import { popularityBaseline } from '../../../src/evaluation/baselines/popularity.ts';
import { measure } from '../../../src/evaluation/runner.ts';
import type { Sequences } from '../../../src/evaluation/sequences.ts';
import { leaveOneOut } from '../../../src/evaluation/splits.ts';
import type { OfflineRecommender, Scorer } from '../../../src/evaluation/types.ts';
import { easeWeights } from '../../../src/models/index.ts';
import { seededRandom } from '../../../src/recommend/random.ts';

function plant(rows: number[][], items: number): Sequences {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, user) => {
    offsets[user + 1] = offsets[user]! + row.length;
  });
  return {
    items: Array.from({ length: items }, (_, column) => `i${column}`),
    users: rows.map((_, user) => `u${user}`),
    offsets,
    columns: Int32Array.from(rows.flat()),
    dataset: {
      ...{ file: 'planted', sha256: '', users: rows.length, items, interactions: rows.flat().length },
      ...{ repeats: 0, malformed: { lines: 0, first: [] } },
    },
  };
}
const ask = { k: 10, seed: 1 };

/** Everyone walks on around a ring of `size` items, each from another place. */
const ring = (size: number, walk: number) =>
  plant(
    Array.from({ length: size * 3 }, (_, user) => Array.from({ length: walk }, (_, n) => (user + n) % size)),
    size,
  );

/** Who likes black squares takes ten of the twenty black ones, the same for white. */
function checkerboard() {
  const random = seededRandom(3);
  const rows = Array.from({ length: 200 }, (_, user) => {
    const colour = Array.from({ length: 20 }, (_, n) => 2 * n + (user % 2));
    return colour.sort(() => random.next() - 0.5).slice(0, 10);
  });
  return plant(rows, 40);
}

const scored = (scorer: Scorer, history: number[], items: number): number[] => {
  const scores = new Float64Array(items);
  scorer.score(Int32Array.from(history), scores, { history: Int32Array.from(history), user: 0, ...ask });
  return [...scores];
};
const fixed = (score: Scorer['score']): OfflineRecommender => ({ prepare: () => ({ score }) });

t.test('on a ring Markov is always right, and popularity, where all are equal, always wrong', async (t) => {
  const split = leaveOneOut(ring(30, 8));
  const markov = await measure(markovBaseline, split, { k: 1, seed: 1 });
  t.equal(markov['HR@1'], 1);
  t.equal(markov['NDCG@1'], 1);
  t.same(markov.ci95['HR@1'], [1, 1]);
  t.equal(markov.coverage, 1);
  const popularity = await measure(popularityBaseline, split, { k: 1, seed: 1 });
  t.equal(popularity['HR@1'], 0);
});

t.test('on a checkerboard the neighbourhood models keep to the colour and popularity does not', async (t) => {
  const split = leaveOneOut(checkerboard());
  for (const baseline of [itemKnnBaseline, easeBaseline, easeRecentBaseline]) {
    const scorer = (await baseline.prepare(split, () => {})) as Scorer;
    for (let user = 0; user < 20; user++) {
      const { offsets, columns } = split.training;
      const history = [...columns.subarray(offsets[user]!, offsets[user + 1]!)];
      const scores = scored(scorer, history, 40);
      const unseen = [...scores.keys()].filter((item) => !history.includes(item));
      const best = unseen.sort((a, b) => scores[b]! - scores[a]!).slice(0, 11);
      t.ok(best.every((item) => item % 2 === history[0]! % 2));
    }
    // Eleven of the right colour are left, and the target is one of them.
    t.equal((await measure(baseline, split, { k: 11, seed: 1 }))['HR@11'], 1);
  }
  t.ok((await measure(popularityBaseline, split, { k: 11, seed: 1 }))['HR@11']! < 0.7);
});

t.test('a constant scorer scores 0, because ties count against it', async (t) => {
  const figures = await measure(
    fixed((_, scores) => {
      scores.fill(7);
    }),
    leaveOneOut(ring(50, 5)),
    ask,
  );
  t.equal(figures['HR@10'], 0);
  t.equal(figures['NDCG@10'], 0);
});

t.test('a random scorer hits k of the candidates, within the interval', async (t) => {
  const random = seededRandom(11);
  const noise = fixed((_, scores) => {
    for (let item = 0; item < scores.length; item++) scores[item] = random.next();
  });
  const split = leaveOneOut(ring(500, 21));
  const figures = await measure(noise, split, ask);
  const expected = 10 / (500 - 20);
  const [low, high] = figures.ci95['HR@10']!;
  t.ok(low < expected && expected < high, `${low} < ${expected} < ${high}`);
  const gain = Array.from({ length: 10 }, (_, n) => 1 / Math.log2(n + 2)).reduce((a, b) => a + b) / 480;
  const [least, most] = figures.ci95['NDCG@10']!;
  t.ok(least < gain && gain < most, `${least} < ${gain} < ${most}`);
});

t.test('an oracle that hides the target among the seen would be caught: the seen never rank', async (t) => {
  const split = leaveOneOut(ring(30, 8));
  const seenFirst = fixed((history, scores) => {
    scores.fill(0);
    for (const item of history) scores[item] = 100;
    scores[(history.at(-1)! + 1) % 30] = 1;
  });
  t.equal((await measure(seenFirst, split, { k: 1, seed: 1 }))['HR@1'], 1);
});

t.test('Markov ranks what followed by raw counts, and all else by popularity below them', async (t) => {
  // 0 → 1 twice, 0 → 2 once; 3 is the most popular and never follows 0.
  const rows = [
    [0, 1, 9],
    [0, 1, 9],
    [0, 2, 9],
    [3, 4, 9],
    [3, 4, 9],
    [3, 9, 9],
    [3, 5, 9],
  ];
  const scorer = (await markovBaseline.prepare(leaveOneOut(plant(rows, 10)), () => {})) as Scorer;
  const scores = scored(scorer, [8, 0], 10);
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
  t.same(order.slice(0, 3), [1, 2, 3]);
  t.equal(Math.floor(scores[1]!), 2);
  t.equal(Math.floor(scores[2]!), 1);
  t.ok(scores[3]! > scores[4]! && scores[3]! < 1);
});

t.test('EASE on four items is the closed form, worked out by Gauss elimination', async (t) => {
  const users = [
    [0, 1],
    [0, 1, 2],
    [1, 2],
    [2, 3],
    [0, 3, 3],
  ];
  const lambda = 0.5;
  const gram = Array.from({ length: 4 }, (_, i) =>
    Array.from(
      { length: 4 },
      (_, j) => users.filter((u) => u.includes(i) && u.includes(j)).length + (i === j ? lambda : 0),
    ),
  );
  const p = invert(gram);
  const log = leaveOneOut(
    plant(
      users.map((row) => [...row, 0]),
      4,
    ),
  ).training;
  const { stride, values } = easeWeights(log, lambda);
  for (let i = 0; i < 4; i++)
    for (let j = 0; j < 4; j++) {
      const expected = i === j ? 0 : -p[i]![j]! / p[j]![j]!;
      t.ok(Math.abs(values[i * stride + j]! - expected) < 1e-12, `B[${i}][${j}]`);
    }
});

t.test('the recent query fades .8 a step and stops after fifty', async (t) => {
  const split = leaveOneOut(checkerboard());
  const dense = easeWeights(split.training, 500);
  const scorer = (await easeRecentBaseline.prepare(split, () => {})) as Scorer;
  const history = [2, 4, 6];
  const scores = scored(scorer, history, 40);
  const weight = (from: number) => dense.values[from * dense.stride + 8]!;
  t.ok(Math.abs(scores[8]! - (0.64 * weight(2) + 0.8 * weight(4) + weight(6))) < 1e-12);
  const long = Array.from({ length: 60 }, (_, n) => (n < 10 ? 2 : 4));
  let expected = 0;
  for (let back = 0; back < 50; back++) expected += 0.8 ** back * weight(4);
  t.ok(Math.abs(scored(scorer, long, 40)[8]! - expected) < 1e-12, 'the first ten are out of reach');
});

t.test('EASE is refused for a catalogue that would not fit in memory', async (t) => {
  const log = { ...leaveOneOut(ring(30, 8)).training, items: new Int32Array(15_001) };
  t.throws(() => easeWeights(log, 500), { code: 'catalogue-too-large', status: 422 });
});

t.test('the same seed gives the same figures', async (t) => {
  const split = leaveOneOut(checkerboard());
  const { seconds: _, ...first } = await measure(itemKnnBaseline, split, ask);
  const { seconds: __, ...second } = await measure(itemKnnBaseline, split, ask);
  t.same(first, second);
});

function invert(matrix: number[][]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let k = 0; k < n; k++) {
    rows[k] = rows[k]!.map((value) => value / rows[k]![k]!);
    rows.forEach((row, i) => {
      if (i !== k) rows[i] = row.map((value, j) => value - row[k]! * rows[k]![j]!);
    });
  }
  return rows.map((row) => row.slice(n));
}
