import t from 'tap';
import { pairedDifference } from '../../../src/evaluation/index.ts';
import { seededRandom } from '../../../src/recommend/random.ts';

/** Users who differ a lot from each other and hardly between two recommenders. */
function pair(users: number, lead: number, seed: number) {
  const random = seededRandom(seed);
  const level = Float64Array.from({ length: users }, () => random.next());
  const noisy = (more: number) => level.map((value) => value + more + 0.1 * (random.next() - 0.5));
  return [noisy(lead), noisy(0)] as const;
}

t.test('a lead that is small beside how users differ is found, because users are paired', async (t) => {
  const [a, b] = pair(400, 0.02, 1);
  const { mean, ci95, p } = pairedDifference(a, b, 7);
  t.ok(Math.abs(mean - 0.02) < 0.006, `mean ${mean}`);
  t.ok(ci95[0] > 0 && ci95[0] < mean && mean < ci95[1], `${ci95}`);
  t.ok(p < 0.001, `p ${p}`);
  // The normal approximation of it: ±1.96 √(σ²/n), σ² = 2 · .1²/12.
  t.ok(Math.abs(ci95[1] - ci95[0] - 2 * 1.96 * Math.sqrt((2 * 0.01) / 12 / 400)) < 0.001);
});

t.test('the other way round the sign turns, and the same seed gives the same answer', async (t) => {
  const [a, b] = pair(200, 0.02, 2);
  const one = pairedDifference(a, b, 3);
  const other = pairedDifference(b, a, 3);
  t.equal(other.mean, -one.mean);
  t.equal(other.p, one.p);
  t.same(pairedDifference(a, b, 3), one);
  t.notSame(pairedDifference(a, b, 4).ci95, one.ci95);
});

t.test('where nothing differs, p is below .05 in about a twentieth of all comparisons', async (t) => {
  const low = Array.from({ length: 200 }, (_, n) => {
    const { p } = pairedDifference(...pair(60, 0, n), n);
    return p < 0.05 ? 1 : 0;
  }).reduce((sum: number, is) => sum + is, 0);
  // 10 expected, standard deviation 3.
  t.ok(low >= 1 && low <= 22, `${low} of 200`);
});

t.test('two that answer alike differ by nothing, for certain', async (t) => {
  const same = Float64Array.from([0, 1, 0.5]);
  t.same(pairedDifference(same, same, 1), { mean: 0, ci95: [0, 0], p: 1 });
});

t.test('different people on the two sides, or none, are no pair', async (t) => {
  t.throws(() => pairedDifference(new Float64Array(2), new Float64Array(3), 1), RangeError);
  t.throws(() => pairedDifference(new Float64Array(0), new Float64Array(0), 1), RangeError);
});
