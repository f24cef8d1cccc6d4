import fc from 'fast-check';
import t from 'tap';
import { type RankedList, seededRandom, teamDraft } from '../../../src/recommend/index.ts';
import { plantCandidate } from '../../support/recommend-world.ts';

const ranked = (items: number[]): RankedList => ({
  items: items.map((item, n) => plantCandidate(item, 1 - n / 100)),
  draw: null,
  trace: { pipeline: 'p', configDigest: 'd', versions: {}, stages: [], degraded: [], seed: 1, ms: 1 },
});

t.test('both teams pick their best in turn, whoever begins', async (t) => {
  const { items, teams } = teamDraft([ranked([1, 2, 3, 4]), ranked([9, 2, 8, 7])], 6, seededRandom(1));
  t.same(new Set(items.slice(0, 2).map(({ item }) => item)), new Set([1, 9]));
  for (let n = 0; n < 6; n += 2) t.not(teams![n], teams![n + 1]);
  t.equal(items.filter(({ item }) => item === 2).length, 1, 'what both have is shown once');
});

t.test('equal lists stay as they are, and either team gets half', async (t) => {
  let first = 0;
  for (let seed = 0; seed < 2000; seed++) {
    const { items, teams } = teamDraft([ranked([1, 2, 3]), ranked([1, 2, 3])], 3, seededRandom(seed * 7919));
    t.same(
      items.map(({ item }) => item),
      [1, 2, 3],
    );
    first += Number(teams![0] === 0);
  }
  t.ok(Math.abs(first / 2000 - 0.5) < 0.05);
});

t.test('nothing is shown twice or left out while there is room', async () => {
  const items = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 15 });
  fc.assert(
    fc.property(items, items, fc.integer({ min: 1, max: 40 }), fc.integer(), (a, b, depth, seed) => {
      const mixed = teamDraft([ranked(a), ranked(b)], depth, seededRandom(seed)).items.map(
        ({ item }) => item,
      );
      const all = new Set([...a, ...b]);
      return new Set(mixed).size === mixed.length && mixed.length === Math.min(depth, all.size);
    }),
  );
});
