import { invertSymmetric, tiled } from '../models/index.ts';
import type { Answer } from './aggregate.ts';
import { beliefOf, type Calibration, lessonOf, UNHEARD } from './calibration.ts';
import { type Heard, heardIn } from './hearing.ts';

/**
 * What a score is made of: score = level + slope · place + weight · likeness + item + call + noise, the place from −½
 * (first) to ½ (last). Likeness is what is known of an item without the model. All but the level are random effects
 * (Henderson 1975) around what the model's other lists have taught: an item with few scores and a call with few items
 * are believed less, and items differ by little more than likeness where a model contradicts itself.
 */
export type AdditiveFit = {
  /** By id: what the item would score at the middle place of a usual call. */
  items: Map<string, number>;
  /** What this list teaches of the model. */
  lesson: Calibration;
};

/** By item; nothing for what is not known. */
export type Likeness = ReadonlyMap<string, number | undefined>;

/** Effects in their order: level, slope, weight, the items, the calls. */
const SLOPE = 1;
const WEIGHT = 2;
const ITEMS = 3;
const UNPENALISED = 1e-6;

export function fitAdditive(
  answers: readonly Answer[],
  likeness: Likeness = new Map(),
  known: Calibration = UNHEARD,
): AdditiveFit {
  const { slope, likeness: weight, ...variance } = beliefOf(known);
  const heard = heardIn(answers, likeness);
  const items = new Map<string, { effect: number; likeness: number }>();
  for (const one of heard.flat())
    if (!items.has(one.id)) items.set(one.id, { effect: ITEMS + items.size, likeness: one.likeness });
  const calls = ITEMS + items.size;
  const own = [...items.values()].map(({ likeness: alike }) => variance.items(alike));
  const expected = [slope.variance, weight.variance, ...own, ...answers.map(() => variance.calls)];
  const ridge = Float64Array.from([UNPENALISED, ...expected.map((of) => variance.noise / of)]);
  const effects = solved(
    heard.flatMap((scores, call) =>
      scores.map((one) => ({
        beyond: one.score - slope.mean * one.place - weight.mean * one.likeness,
        entries: entriesOf(one, items.get(one.id)!.effect, calls + call),
      })),
    ),
    ridge,
  );
  const telling = weight.mean + effects[WEIGHT]!;
  return {
    items: new Map(
      [...items].map(([id, { effect, likeness: alike }]) => [
        id,
        effects[0]! + telling * alike + effects[effect]!,
      ]),
    ),
    lesson: lessonOf(answers, likeness, known),
  };
}

type Entry = [effect: number, value: number];
const entriesOf = ({ place, likeness }: Heard, item: number, call: number): Entry[] => [
  [0, 1],
  [SLOPE, place],
  [WEIGHT, likeness],
  [item, 1],
  [call, 1],
];

/** Henderson's equations: what is beyond the usual, by effects that each cost what it would take to believe them. */
function solved(scores: { beyond: number; entries: Entry[] }[], ridge: Float64Array): Float64Array {
  const side = tiled(ridge.length);
  const cross = new Float64Array(side * side);
  const target = new Float64Array(ridge.length);
  for (let n = 0; n < side; n++) cross[n * side + n] = ridge[n] ?? 1;
  for (const { beyond, entries } of scores)
    for (const [n, value] of entries) {
      target[n]! += value * beyond;
      for (const [m, other] of entries) cross[n * side + m]! += value * other;
    }
  invertSymmetric(cross, side);
  // Only the lower triangle is there.
  return target.map((_, n) =>
    target.reduce((sum, value, m) => sum + value * cross[Math.max(n, m) * side + Math.min(n, m)]!, 0),
  );
}
