import t from 'tap';
import { bootstrap } from '../../../src/evaluation/intervals.ts';
import { bestOf, hitRate, ndcg, rankInList, rankOfTarget } from '../../../src/evaluation/metrics.ts';

const none = new Int32Array(0);

t.test('NDCG with one target is 1 / log2(rank + 1), and nothing past k', async (t) => {
  t.equal(ndcg(1, 10), 1);
  t.ok(Math.abs(ndcg(2, 10) - 0.6309297535714575) < 1e-15);
  t.equal(ndcg(3, 10), 0.5);
  t.equal(ndcg(7, 10), 1 / 3);
  t.ok(ndcg(10, 10) > 0.28 && ndcg(10, 10) < 0.29);
  t.equal(ndcg(11, 10), 0);
  t.equal(ndcg(Number.POSITIVE_INFINITY, 10), 0);
});

t.test('HR is 1 up to k and 0 after it', async (t) => {
  t.same(
    [1, 10, 11, Number.POSITIVE_INFINITY].map((rank) => hitRate(rank, 10)),
    [1, 1, 0, 0],
  );
});

t.test('the rank counts everyone who scores more', async (t) => {
  const scores = Float64Array.from([0.1, 0.9, 0.5, 0.7]);
  t.same(
    [0, 1, 2, 3].map((target) => rankOfTarget(scores, target, none)),
    [4, 1, 3, 2],
  );
});

t.test('ties count against the model: who scores the same stands before the target', async (t) => {
  const scores = Float64Array.from([1, 1, 1, 0]);
  t.equal(rankOfTarget(scores, 0, none), 3);
  t.equal(rankOfTarget(new Float64Array(100), 50, none), 100);
});

t.test('what was seen takes no place in the ranking', async (t) => {
  const scores = Float64Array.from([9, 8, 7, 6, 5]);
  t.equal(rankOfTarget(scores, 4, Int32Array.of(0, 2)), 3);
  t.equal(rankOfTarget(scores, 0, Int32Array.of(1, 2, 3, 4)), 1);
});

t.test('a score that is no number never helps', async (t) => {
  t.equal(rankOfTarget(Float64Array.from([Number.NaN, 1, 2]), 0, none), 3);
  t.equal(rankOfTarget(Float64Array.from([1, Number.NaN, 0]), 0, none), 2);
  t.equal(rankOfTarget(Float64Array.from([Number.NEGATIVE_INFINITY, 0]), 0, none), 2);
});

t.test('in a list the place is the rank', async (t) => {
  t.equal(rankInList(Int32Array.of(5, 3, 8), 8), 3);
  t.equal(rankInList(Int32Array.of(5, 3, 8), 1), Number.POSITIVE_INFINITY);
});

t.test('the best are those a full sort would give, without the seen', async (t) => {
  const scores = Float64Array.from({ length: 500 }, (_, n) => (n * 7919) % 101);
  const seen = new Set([3, 100, 101]);
  const expected = [...scores.keys()]
    .filter((item) => !seen.has(item))
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, 10);
  t.same([...bestOf(scores, seen, 10)], expected);
  t.same([...bestOf(Float64Array.of(Number.NaN, 1), new Set(), 10)], [1]);
});

t.test('the interval holds the mean, narrows with more users and repeats with its seed', async (t) => {
  const coin = (users: number) => Float64Array.from({ length: users }, (_, n) => (n % 4 === 0 ? 1 : 0));
  const { few } = bootstrap({ few: coin(100) }, 1);
  const { many } = bootstrap({ many: coin(10_000) }, 1);
  t.ok(few[0] < 0.25 && 0.25 < few[1] && many[0] < 0.25 && 0.25 < many[1]);
  // The normal approximation: ±1.96 √(p(1 − p)/n).
  t.ok(Math.abs(many[1] - many[0] - 2 * 1.96 * Math.sqrt((0.25 * 0.75) / 10_000)) < 0.002);
  t.ok(few[1] - few[0] > 5 * (many[1] - many[0]));
  t.same(bootstrap({ few: coin(100) }, 1), { few });
  t.notSame(bootstrap({ few: coin(100) }, 2), { few });
});
