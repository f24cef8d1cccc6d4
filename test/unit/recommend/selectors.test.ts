import fc from 'fast-check';
import t from 'tap';
import { contentInMemory, seededRandom } from '../../../src/recommend/index.ts';
import { diverseSelector } from '../../../src/recommend/selectors/diverse.ts';
import { drawOrder } from '../../../src/recommend/selectors/draw.ts';
import { exploreSlots } from '../../../src/recommend/selectors/slots.ts';
import { plantCandidate, plantColumns, plantContext, range } from '../../support/recommend-world.ts';

const OPTIONS = {
  ...{ content: contentInMemory(new Map()), redundancyCost: 0.5, exploreShare: 0 },
  ...{ drawShare: 0, drawTemperature: 1, drawTop: 50 },
};
const NO_CREATORS = plantColumns(range(1, 300).map(() => ({})));

t.test('of two likes the second makes way for something else, and comes right after', async (t) => {
  const content = contentInMemory(
    new Map([
      [1, Float32Array.of(1, 0, 0, 0)],
      [2, Float32Array.of(1, 0, 0, 0)],
      [3, Float32Array.of(0, 1, 0, 0)],
    ]),
  );
  const candidates = [plantCandidate(1, 1), plantCandidate(2, 0.99), plantCandidate(3, 0.9)];
  const order = (redundancyCost: number) =>
    diverseSelector({ ...OPTIONS, content, redundancyCost })
      .select(candidates, 10, plantContext({ columns: NO_CREATORS }))
      .items.map(({ item }) => item);
  t.same(order(1), [1, 3, 2]);
  t.same(order(0), [1, 2, 3]);
});

t.test('no ten neighbouring positions hold three items of one creator while there are others', async (t) => {
  const property = fc.property(
    fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 150, maxLength: 150 }),
    fc.integer(),
    (creators, seed) => {
      const columns = plantColumns(creators.map((creator) => ({ creator })));
      const candidates = creators.map((_, i) => plantCandidate(i + 1, 1 - i / 200));
      const context = plantContext({ columns, random: seededRandom(seed) }, { limit: 1 });
      const { items } = diverseSelector({ ...OPTIONS, drawShare: 0.5 }).select(candidates, 60, context);
      const listed = items.map(({ item }) => creators[item - 1]!);
      // A drawn order may run out of others at the very end of what it draws.
      const judged = listed.slice(0, 40);
      return judged.every((creator, p) => {
        const window = judged.slice(Math.max(0, p - 9), p + 1);
        return creator === 0 || window.filter((other) => other === creator).length <= 2;
      });
    },
  );
  t.doesNotThrow(() => fc.assert(property, { numRuns: 200 }));
});

t.test('when one creator made everything the page is still filled, and the rest is named', async (t) => {
  const columns = plantColumns(range(1, 50).map(() => ({ creator: 7 })));
  const candidates = range(1, 50).map((item) => plantCandidate(item, 1 / item));
  const selection = diverseSelector(OPTIONS).select(candidates, 40, plantContext({ columns }, { limit: 20 }));
  t.equal(selection.items.length, 20);
  t.equal(selection.removed.length, 30);
  t.equal(selection.removed[0]!.reason, 'creator-cap');
});

t.test('exploration has its positions and no others', async (t) => {
  t.same([...exploreSlots(100, 0.05)], [19, 39, 59, 79, 99]);
  t.same([...exploreSlots(100, 0)], []);
  const candidates = [
    ...range(1, 100).map((item) => plantCandidate(item, 2 - item / 100)),
    ...range(101, 105).map((item) => plantCandidate(item, 3, { sources: ['new'], features: { new: item } })),
  ];
  const selector = diverseSelector({ ...OPTIONS, exploreShare: 0.05, drawShare: 1 });
  const { items, draw } = selector.select(candidates, 100, plantContext({ columns: NO_CREATORS }));
  const places = items.flatMap(({ sources }, position) => (sources[0] === 'new' ? [position] : []));
  t.same(places, [19, 39, 59, 79, 99]);
  t.equal(draw!.propensities[19], 1, 'a kept position is certain');
});

t.test('propensities are those of Plackett–Luce: all orders together have probability 1', async (t) => {
  for (const creators of [
    [0, 0, 0, 0],
    // The cap forbids some orders: three of creator 5 cannot stand in a row while 0 is left.
    [5, 5, 5, 0],
  ]) {
    const columns = plantColumns(creators.map((creator) => ({ creator })));
    const items = [1, 2, 3, 4].map((item) => plantCandidate(item, item / 4));
    const options = { drawShare: 1, drawTemperature: 1.5, drawTop: 4 };
    const count = new Map<string, number>();
    const probability = new Map<string, number>();
    const runs = 20_000;
    for (let seed = 0; seed < runs; seed++) {
      const { order, draw } = drawOrder(
        items,
        new Set(),
        options,
        plantContext({ columns, random: seededRandom(seed * 7919) }),
      );
      const key = order.map(({ item }) => item).join();
      count.set(key, (count.get(key) ?? 0) + 1);
      probability.set(
        key,
        draw.propensities.reduce((product, p) => product * p, 1),
      );
    }
    const total = [...probability.values()].reduce((sum, p) => sum + p, 0);
    t.ok(Math.abs(total - 1) < 1e-9, `sum over orders is ${total}`);
    for (const [key, p] of probability) {
      const deviation = Math.sqrt((p * (1 - p)) / runs);
      t.ok(Math.abs(count.get(key)! / runs - p) < 5 * deviation + 1e-4, `${key} comes as often as it says`);
    }
  }
});

t.test('a draw repeats from its seed and says when there was none', async (t) => {
  const candidates = range(1, 60).map((item) => plantCandidate(item, 1 / item));
  const context = () => plantContext({ columns: NO_CREATORS, random: seededRandom(3) });
  t.equal(diverseSelector({ ...OPTIONS, drawShare: 0 }).select(candidates, 60, context()).draw, null);
  const [one, two] = [0, 1].map(() =>
    diverseSelector({ ...OPTIONS, drawShare: 1 }).select(candidates, 60, context()),
  );
  t.same(one, two);
  t.equal(one!.draw!.top, 50);
  t.same(
    one!.items.slice(50).map(({ item }) => item),
    range(51, 60),
    'below the top nothing moves',
  );
});

t.test('scores far apart or all equal give finite propensities', async (t) => {
  for (const scores of [
    [1e9, 1, 0, -1e9],
    [1, 1, 1, 1],
    [0, 0, 0, 0],
  ]) {
    const items = scores.map((score, i) => plantCandidate(i + 1, score));
    const { draw } = drawOrder(
      items,
      new Set(),
      { drawShare: 1, drawTemperature: 0.001, drawTop: 4 },
      plantContext({ columns: NO_CREATORS }),
    );
    t.ok(
      draw.propensities.every((p) => p > 0 && p <= 1),
      scores.join(),
    );
  }
});
