import t from 'tap';
import { seededRandom } from '../../../src/recommend/random.ts';
import { fitAdditive, type Likeness } from '../../../src/rerank/additive.ts';
import {
  type Answer,
  aggregate,
  isStable,
  METHOD_NAMES,
  type Method,
} from '../../../src/rerank/aggregate.ts';
import { type Calibration, learnedFrom, UNHEARD } from '../../../src/rerank/calibration.ts';
import { type Call, planCalls } from '../../../src/rerank/plan.ts';

const IDS = Array.from({ length: 20 }, (_, n) => `item-${n}`);
const WORTH = new Map(IDS.map((id, n) => [id, n / 2]));
const ORDERS = { orders: 3, batchSize: 11, anchors: 2, seed: 1 };
type Fault = { noise?: number; bias?: number; calls?: number };

/** A model whose answers are what the items are worth, and what is wrong with it. */
function answersOf(calls: Call[], { noise = 0, bias = 0, calls: moods = 0 }: Fault, seed = 1): Answer[] {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return calls.map((call) => {
    const mood = moods * normal();
    const score = (id: string, place: number) =>
      WORTH.get(id)! + noise * normal() + mood + bias * (1 - place / (call.items.length - 1));
    return { call, scores: new Map(call.items.map((id, place) => [id, score(id, place)])) };
  });
}

/** What a hundred lists teach of a model. */
function heard(fault: Fault, likeness?: Likeness): Calibration {
  let known = UNHEARD;
  for (let seed = 0; seed < 100; seed++) {
    const answers = answersOf(planCalls(IDS, { ...ORDERS, seed }), fault, 1_000 + seed);
    known = learnedFrom(known, fitAdditive(answers, likeness, known).lesson);
  }
  return known;
}

const order = (answers: Answer[], method: Method = 'additive', known = UNHEARD) =>
  aggregate(answers, { method, known }).map(({ id }) => id);

/** Pairs in the right order less those in the wrong one, −1…1. */
function tau(ids: string[]): number {
  let sum = 0;
  for (const [place, id] of ids.entries())
    for (const below of ids.slice(place + 1)) sum += Math.sign(WORTH.get(id)! - WORTH.get(below)!);
  return sum / ((ids.length * (ids.length - 1)) / 2);
}

t.test('every method finds the order of a model without fault', async (t) => {
  for (const method of METHOD_NAMES)
    t.ok(tau(order(answersOf(planCalls(IDS, ORDERS), {}), method)) > 0.9, method);
});

t.test('the effect of the place is found and taken out', async (t) => {
  const answers = answersOf(planCalls(IDS, ORDERS), { bias: 6 });
  t.equal(tau(order(answers, 'additive', heard({ bias: 6 }))), 1);
  t.ok(tau(order(answers)) > 0.9, `nearly, in the very first list: ${tau(order(answers))}`);
  t.ok(tau(order(answersOf(planCalls(IDS, { ...ORDERS, orders: 1 }), { bias: 6 }), 'mean')) < 0.9);
});

t.test('calls that are generous and calls that are strict are brought to one level', async (t) => {
  const answers = answersOf(planCalls(IDS, ORDERS), { calls: 4 });
  t.equal(tau(order(answers, 'additive', heard({ calls: 4 }))), 1);
  t.ok(tau(order(answers, 'mean')) < 0.95);
});

t.test(
  'with noise and bias three orders come closer to the truth than one, over a hundred models',
  async (t) => {
    const average = (orders: number, method: Method) => {
      let sum = 0;
      for (let seed = 0; seed < 100; seed++) {
        const calls = planCalls(IDS, { ...ORDERS, orders, seed });
        sum += tau(order(answersOf(calls, { noise: 2, bias: 3 }, seed), method));
      }
      return sum / 100;
    };
    const [one, three] = [average(1, 'mean'), average(3, 'additive')];
    t.ok(three > one + 0.1, `${one} → ${three}`);
  },
);

t.test('calls that failed and items that were left out cost accuracy and nothing else', async (t) => {
  const random = seededRandom(3);
  const answers = answersOf(planCalls(IDS, ORDERS), { noise: 1 }).map(({ call, scores }, n) => ({
    call,
    scores: n === 2 ? new Map() : new Map([...scores].filter(() => random.next() > 0.3)),
  }));
  for (const method of METHOD_NAMES) {
    const found = aggregate(answers, { method });
    t.same(new Set(found.map(({ id }) => id)), new Set(answers.flatMap(({ scores }) => [...scores.keys()])));
    t.ok(found.every(({ score }) => Number.isFinite(score)));
  }
  t.ok(tau(order(answers)) > 0.7);
});

t.test('an item with one lucky score does not pass one that is always good', async (t) => {
  const places = [
    ['good', 'lucky', 'a', 'b'],
    ['b', 'a', 'good', 'c'],
    ['a', 'c', 'b', 'good'],
  ];
  const given = [
    [8, 8.1, 2, 6],
    [2, 6, 8, 3],
    [3, 6, 5, 8],
  ];
  const answers = places.map((items, order) => ({
    call: { order, items, anchors: [] },
    scores: new Map(items.map((id, place) => [id, given[order]![place]!])),
  }));
  t.equal(order(answers, 'mean')[0], 'lucky');
  t.equal(order(answers)[0], 'good');
});

t.test('how much an item’s scores disagree is their standard deviation', async (t) => {
  const calls: Call[] = [0, 1].map((order) => ({ order, items: ['a', 'b'], anchors: [] }));
  const answers = [
    {
      call: calls[0]!,
      scores: new Map([
        ['a', 4],
        ['b', 1],
      ]),
    },
    { call: calls[1]!, scores: new Map([['a', 6]]) },
  ];
  const found = new Map(aggregate(answers, { method: 'mean' }).map((item) => [item.id, item.disagreement]));
  t.ok(Math.abs(found.get('a')! - Math.SQRT2) < 1e-12);
  t.equal(found.get('b'), null);
});

t.test('without any usable answer there is no order', async (t) => {
  const call = { order: 0, items: ['a'], anchors: [] };
  for (const method of METHOD_NAMES) {
    t.same(aggregate([], { method }), []);
    t.same(aggregate([{ call, scores: new Map() }], { method }), []);
    t.same(
      aggregate([{ call, scores: new Map([['a', 5]]) }], { method }).map(({ id }) => id),
      ['a'],
    );
  }
});

t.test('an order is stable when the places that will be seen stay as they were', async (t) => {
  const list = (...ids: string[]) => ids.map((id) => ({ id, score: 0, disagreement: null }));
  t.ok(isStable(list('a', 'b', 'c', 'd'), list('a', 'b', 'd', 'c'), { top: 2 }));
  t.notOk(isStable(list('a', 'b', 'c'), list('b', 'a', 'c'), { top: 2 }));
  t.notOk(isStable(list('a', 'b'), list('a', 'b', 'c'), { top: 2 }), 'an item came in');
});

t.test('what is known of the items without the model counts as far as it foretells the scores', async (t) => {
  const fault = { noise: 4, bias: 3 };
  const average = (likenessOf: (id: string, n: number) => number) => {
    const likeness = new Map(IDS.map((id, n) => [id, likenessOf(id, n)]));
    const known = heard(fault, likeness);
    let sum = 0;
    for (let seed = 0; seed < 60; seed++) {
      const answers = answersOf(planCalls(IDS, { ...ORDERS, seed }), fault, seed);
      sum += tau(aggregate(answers, { method: 'additive', likeness, known }).map(({ id }) => id));
    }
    return sum / 60;
  };
  const without = average(() => 0);
  const [telling, idle] = [average((_, n) => n + 6 * (n % 3)), average((_, n) => Math.sin(1 + 5 * n * n))];
  t.ok(telling > without + 0.05, `${without} → ${telling}`);
  t.ok(Math.abs(idle - without) < 0.04, `what says nothing changes little: ${without} → ${idle}`);
});
