import t from 'tap';
import { seededRandom } from '../../../src/recommend/random.ts';
import { fitAdditive, type Likeness } from '../../../src/rerank/additive.ts';
import type { Answer } from '../../../src/rerank/aggregate.ts';
import { spreadOf } from '../../../src/rerank/blend.ts';
import { beliefOf, type Calibration, learnedFrom, UNHEARD } from '../../../src/rerank/calibration.ts';
import { planCalls } from '../../../src/rerank/plan.ts';

const IDS = Array.from({ length: 20 }, (_, n) => `item-${n}`);
const ORDERS = { orders: 4, batchSize: 11, anchors: 2 };
const random = seededRandom(4);
const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** A model whose every item is worth something else in every list. */
type Model = Record<'signal' | 'noise' | 'bias' | 'calls' | 'likeness', number> & {
  /** By how much the deviation of an item's worth grows with a deviation of likeness, in parts of it. */
  wider?: number;
};
const MODEL: Model = { signal: 1, noise: 2, bias: 3, calls: 0.7, likeness: 0.5 };

function listOf(model: Model, seed: number): { answers: Answer[]; likeness: Likeness } {
  const likeness = new Map(IDS.map((id) => [id, normal()]));
  const beyond = Math.sqrt(model.signal ** 2 - model.likeness ** 2);
  const widthOf = (alike: number) => beyond * Math.max(0, 1 + (model.wider ?? 0) * alike);
  const worth = new Map(
    [...likeness].map(([id, alike]) => [id, model.likeness * alike + widthOf(alike) * normal()]),
  );
  const answers = planCalls(IDS, { ...ORDERS, seed }).map((call) => {
    const mood = model.calls * normal();
    const score = (id: string, place: number) =>
      5 + worth.get(id)! + mood + model.noise * normal() - (model.bias * place) / (call.items.length - 1);
    return { call, scores: new Map(call.items.map((id, place) => [id, score(id, place)])) };
  });
  return { answers, likeness };
}

function heard(model: Model, lists: number, before: Calibration = UNHEARD): Calibration {
  let known = before;
  for (let seed = 0; seed < lists; seed++) {
    const { answers, likeness } = listOf(model, seed);
    known = learnedFrom(known, fitAdditive(answers, likeness, known).lesson);
  }
  return known;
}

/** What the items of a list differ by, of what they would if the model never erred. */
function convictionOf(model: Model, known: Calibration): number {
  const { answers, likeness } = listOf(model, 9_999);
  return spreadOf([...fitAdditive(answers, likeness, known).items.values()]).sd / beliefOf(known).signal;
}

t.test('what a model is like is found from its lists taken together', async (t) => {
  const known = heard(MODEL, 300);
  const { slope, likeness, calls, noise } = beliefOf(known);
  t.ok(Math.abs(slope.mean + 3) < 0.2, `slope ${slope.mean}`);
  t.ok(Math.abs(likeness.mean - 0.5) < 0.06, `likeness ${likeness.mean}`);
  t.ok(Math.abs(known.signal.sum / known.signal.count - 1) < 0.15, `signal ${JSON.stringify(known.signal)}`);
  t.ok(Math.abs(Math.sqrt(noise) - 2) < 0.1, `noise ${Math.sqrt(noise)}`);
  t.ok(Math.abs(Math.sqrt(calls) - 0.7) < 0.15, `calls ${Math.sqrt(calls)}`);
});

t.test(
  'the less a model errs the more its order says; one that only errs says next to nothing',
  async (t) => {
    const of = (model: Partial<Model>) => {
      const whole = { ...MODEL, ...model };
      const known = heard(whole, 300);
      return [1, 2, 3, 4, 5].reduce((sum) => sum + convictionOf(whole, known) / 5, 0);
    };
    const [sure, usual, nought] = [of({ noise: 0.1 }), of({}), of({ signal: 0, likeness: 0, noise: 4 })];
    t.ok(sure > 0.8 && sure < 1.2, `${sure}`);
    t.ok(usual > 0.5 && usual < sure, `${usual}`);
    t.ok(nought < 0.2, `${nought}`);
  },
);

t.test('a model that has changed is known again after some hundred lists', async (t) => {
  const changed = { ...MODEL, bias: -1, noise: 0.5 };
  const { slope, noise } = beliefOf(heard(changed, 900, heard(MODEL, 300)));
  t.ok(Math.abs(slope.mean - 1) < 0.3, `slope ${slope.mean}`);
  t.ok(Math.sqrt(noise) < 0.8, `noise ${Math.sqrt(noise)}`);
});

t.test('a model that says the same of everything, or nothing, breaks nothing', async (t) => {
  let known = UNHEARD;
  for (let seed = 0; seed < 50; seed++) {
    const calls = planCalls(IDS, { ...ORDERS, seed });
    const same = calls.map((call) => ({ call, scores: new Map(call.items.map((id) => [id, 7])) }));
    known = learnedFrom(known, fitAdditive(seed % 2 === 0 ? same : [], new Map(), known).lesson);
  }
  const calls = planCalls(IDS, { ...ORDERS, seed: 1 });
  const same = calls.map((call) => ({ call, scores: new Map(call.items.map((id) => [id, 7])) }));
  const scores = [...fitAdditive(same, new Map(), known).items.values()];
  t.ok(scores.every((score) => Math.abs(score - 7) < 0.01));
  const { items, calls: moods, noise, signal } = beliefOf(known);
  t.ok([items(0), items(-1), moods, noise, signal].every(Number.isFinite));
});

t.test('items that resemble the taste are left more room where they have shown to vary more', async (t) => {
  const wide = { ...MODEL, likeness: 0.3, wider: 0.6 };
  const { items } = beliefOf(heard(wide, 300));
  t.ok(items(2) > 3 * items(-1), `${items(-1)} → ${items(2)}`);
  const even = beliefOf(heard(MODEL, 300)).items;
  t.ok(even(2) < 1.6 * even(-1), `${even(-1)} → ${even(2)}, where they have not`);
});
