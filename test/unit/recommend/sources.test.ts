import t from 'tap';
import { contentCache, contentInMemory } from '../../../src/recommend/content.ts';
import { nearDuplicate } from '../../../src/recommend/filters/near-duplicate.ts';
import { interestsOf } from '../../../src/recommend/interests.ts';
import { contentNeighbours } from '../../../src/recommend/neighbours.ts';
import { seededRandom } from '../../../src/recommend/random.ts';
import { sign, signatureCosine } from '../../../src/recommend/signature.ts';
import { coldestItems, newSource } from '../../../src/recommend/sources/new.ts';
import { tasteSource } from '../../../src/recommend/sources/taste.ts';
import { topRows } from '../../../src/recommend/top.ts';
import type { SourceHit } from '../../../src/recommend/types.ts';
import type { VectorStore } from '../../../src/vectors/port.ts';
import {
  plantCandidate,
  plantColumns,
  plantContext,
  plantGraph,
  plantUser,
  range,
} from '../../support/recommend-world.ts';

const gaussian = (random: { next(): number }) =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
const unit = (values: number[]): Float32Array => {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
};
/** Items 1…n around `centres`, item i near centre i mod centres. */
function clusters(n: number, centres: number, spread: number): Map<number, Float32Array> {
  const random = seededRandom(5);
  const middle = range(1, centres).map(() => range(1, 64).map(() => gaussian(random)));
  return new Map(
    range(1, n).map((item) => [
      item,
      unit(middle[item % centres]!.map((value) => value + spread * gaussian(random))),
    ]),
  );
}

t.test('the largest keys come first, ties by smaller row, as a full sort would have it', async (t) => {
  const random = seededRandom(9);
  for (let round = 0; round < 300; round++) {
    const n = 1 + Math.floor(random.next() * 200);
    const keys = Float32Array.from({ length: n }, () => Math.floor(random.next() * 20));
    const k = 1 + Math.floor(random.next() * n);
    const rows = Int32Array.from({ length: n }, (_, i) => i);
    const sorted = [...rows].sort((a, b) => keys[b]! - keys[a]! || a - b);
    topRows(rows, n, keys, k);
    t.same([...rows.subarray(0, k)], sorted.slice(0, k));
  }
});

t.test('signatures estimate cosines within what 128 bits can', async (t) => {
  const random = seededRandom(4);
  let squares = 0;
  const rounds = 500;
  for (let round = 0; round < rounds; round++) {
    const a = unit(range(1, 64).map(() => gaussian(random)));
    const b = unit([...a].map((value) => value + (random.next() * gaussian(random)) / 4));
    const signatures = new Int32Array(8);
    sign(a, signatures, 0);
    sign(b, signatures, 4);
    squares += (signatureCosine(signatures, 0, 4) - a.reduce((sum, value, i) => sum + value * b[i]!, 0)) ** 2;
  }
  t.ok(Math.sqrt(squares / rounds) < 0.15, `error ${Math.sqrt(squares / rounds)}`);
});

t.test('three planted tastes are three interests, each with a medoid of its own', async (t) => {
  const content = contentInMemory(clusters(60, 3, 0.4));
  const interests = interestsOf(plantUser(range(1, 18)).recent, content).slice(0, 3);
  t.same(interests.map(({ medoid }) => medoid % 3).sort(), [0, 1, 2]);
  for (const { items, medoid } of interests) t.ok(items.every((item) => item % 3 === medoid % 3));
});

t.test(
  'interests are of what was chosen, not of what was shown; of all where that is too little',
  async (t) => {
    const content = contentInMemory(clusters(60, 3, 0.4));
    const chosen = [3, 6, 9, 12, 15].map((item, at) => ({ item, strength: 1, at }));
    const shown = range(20, 40).map((item, at) => ({ item, strength: 0.3, at: 10 + at }));
    t.same(
      interestsOf([...chosen, ...shown], content)
        .flatMap(({ items }) => items)
        .toSorted((a, b) => a - b),
      [3, 6, 9, 12, 15],
    );
    t.ok(interestsOf([...chosen.slice(0, 2), ...shown], content).some(({ medoid }) => medoid >= 20));
  },
);

t.test('taste brings the neighbours of every interest and leaves out what was seen', async (t) => {
  const vectors = clusters(120, 2, 0.3);
  const content = contentInMemory(vectors);
  const store = {
    search: async (_kind, queries) =>
      queries.map(({ vector, limit }) =>
        [...vectors]
          .map(([id, other]) => ({ id, score: other.reduce((sum, value, i) => sum + value * vector[i]!, 0) }))
          .sort((a, b) => b.score - a.score)
          .slice(0, limit),
      ),
  } as VectorStore;
  const neighbours = contentNeighbours(store, content, 'text', 40);
  const source = tasteSource({ deadline: 40, pool: 40, content, neighbours });
  const user = plantUser([1, 2, 3, 4, 5, 7, 9]);
  const context = plantContext({ columns: plantColumns(range(1, 120).map(() => ({}))), user });
  const first = source.find(context);
  t.ok(first instanceof Promise, 'the first lookup asks the index');
  const hits = await first;
  const again = source.find(context);
  t.notOk(again instanceof Promise, 'what is known of items is remembered');
  t.same(again, hits);
  t.ok(hits.some(({ item }) => item % 2 === 0) && hits.some(({ item }) => item % 2 === 1));
  t.notOk(hits.some(({ item }) => user.seen.has(item)));
  t.ok(hits.every(({ item, because }) => because! % 2 === item % 2));
});

t.test('content is fetched once, and what has no vector is not asked for again and again', async (t) => {
  const asked: number[][] = [];
  const content = contentCache(async (items) => {
    asked.push(items);
    return new Map(items.filter((item) => item < 10).map((item) => [item, Float32Array.of(1, 0)]));
  }, 100);
  await content.load([1, 2, 11]);
  t.equal(content.load([1, 2, 11]), undefined);
  t.same(asked, [[1, 2, 11]]);
  t.equal(content.rowOf(11), -1);
  t.same([...content.vectorOf(2)], [1, 0]);
});

t.test('when content is full the oldest makes room', async (t) => {
  const content = contentCache(
    async (items) => new Map(items.map((item) => [item, Float32Array.of(item, 0)])),
    3,
  );
  for (const item of [1, 2, 3, 4]) await content.load([item]);
  t.equal(content.rowOf(1), -1);
  for (const item of [2, 3, 4]) t.equal(content.vectorOf(item)[0], item);
});

t.test('the coldest are the least touched, of these the newest', async (t) => {
  const now = Date.UTC(2026, 10, 1);
  const columns = plantColumns(range(1, 400).map((item) => ({ created: item === 5 ? now / 1000 : 0 })));
  const popularity = range(1, 400).map((item) => (item > 390 ? 0 : 10 + item));
  const coldest = coldestItems(columns, plantGraph(400, { popularity }), 'image', 1, now);
  t.equal(coldest.length, 200);
  t.same(coldest.slice(0, 11), [400, 399, 398, 397, 396, 395, 394, 393, 392, 391, 5]);
});

t.test('exploration draws uniformly, and with the probability it logs', async (t) => {
  const columns = plantColumns(range(1, 20).map(() => ({})));
  const source = newSource({ deadline: 20, count: 4, depth: 0 });
  const drawn = new Array(21).fill(0);
  const runs = 4000;
  for (let seed = 0; seed < runs; seed++) {
    const context = plantContext({
      columns,
      user: plantUser([1, 2, 3, 4]),
      random: seededRandom(seed * 7919),
    });
    for (const { item, propensity } of source.find(context) as SourceHit[]) {
      drawn[item]++;
      t.equal(propensity, 4 / 16);
    }
  }
  for (const item of range(5, 20))
    t.ok(Math.abs(drawn[item] / runs - 0.25) < 0.04, `item ${item}: ${drawn[item]}`);
  t.same(drawn.slice(1, 5), [0, 0, 0, 0]);
});

t.test('of two pictures that look the same the better stays; without a hash nobody is judged', async (t) => {
  const columns = plantColumns([
    { phash: [0xffff0000, 0xabcdef01] },
    { phash: [0xffff0007, 0xabcdef06] },
    { phash: [0xffff003f, 0xabcdef3e] },
    {},
    {},
  ]);
  const candidates = range(1, 5).map((item) => plantCandidate(item, 1 / item));
  const { kept, removed } = nearDuplicate.apply(candidates, { columns });
  t.same(removed, [{ item: 2, reason: 'near-duplicate' }]);
  t.same(
    kept.map(({ item }) => item),
    [1, 3, 4, 5],
  );
});
