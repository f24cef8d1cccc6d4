import fc from 'fast-check';
import t from 'tap';
import { planCalls } from '../../../src/rerank/plan.ts';

const OPTIONS = { orders: 3, batchSize: 11, anchors: 2, seed: 1 };
const names = (count: number) => Array.from({ length: count }, (_, n) => `item-${n}`);

t.test('a list of 20 takes six calls in three orders', async (t) => {
  t.equal(planCalls(names(20), OPTIONS).length, 6);
});

t.test('the order in which the items come changes nothing', async (t) => {
  const ids = names(20);
  t.same(planCalls([...ids].reverse(), OPTIONS), planCalls(ids, OPTIONS));
  t.notSame(planCalls(ids, { ...OPTIONS, seed: 2 }), planCalls(ids, OPTIONS));
});

t.test('each order asks about every item, anchors in every call, and no call is too long', (t) => {
  const lists = fc.record({
    count: fc.integer({ min: 0, max: 60 }),
    orders: fc.integer({ min: 1, max: 5 }),
    batchSize: fc.integer({ min: 2, max: 20 }),
    anchors: fc.integer({ min: 0, max: 4 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(lists, ({ count, ...options }) => {
      const ids = names(count);
      const calls = planCalls(ids, options);
      for (const { items, anchors } of calls) {
        t.ok(items.length <= options.batchSize);
        t.equal(new Set(items).size, items.length, 'nothing twice in one call');
        t.ok(anchors.every((anchor) => items.includes(anchor)));
      }
      for (let order = 0; order < options.orders; order++) {
        const own = calls.filter((call) => call.order === order);
        t.same([...new Set(own.flatMap(({ items }) => items))].sort(), [...ids].sort());
        const { anchors = [] } = own[0] ?? {};
        const others = own.flatMap(({ items }) => items.filter((id) => !anchors.includes(id)));
        t.equal(new Set(others).size, others.length, 'only anchors are asked about again');
      }
    }),
    { numRuns: 60 },
  );
  t.end();
});

t.test('each order makes new batches', async (t) => {
  const batches = planCalls(names(20), OPTIONS).map(({ items }) => [...items].sort().join());
  t.equal(new Set(batches).size, batches.length);
});

t.test('over all orders an item stands as often early as late', async (t) => {
  const calls = planCalls(names(21), { ...OPTIONS, batchSize: 21, anchors: 0 });
  for (const id of names(21)) {
    const thirds = calls.map(({ items }) => Math.floor(items.indexOf(id) / 7));
    t.same(thirds.sort(), [0, 1, 2]);
  }
});

t.test('one item is one call an order, the same item twice is one, none is no call', async (t) => {
  t.same(
    planCalls(['a', 'a'], OPTIONS).map(({ items }) => items),
    [['a'], ['a'], ['a']],
  );
  t.same(planCalls([], OPTIONS), []);
});
