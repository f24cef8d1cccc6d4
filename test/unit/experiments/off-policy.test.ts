import { readFileSync } from 'node:fs';
import t from 'tap';
import { positionChances, underTarget } from '../../../src/experiments/off-policy/chances.ts';
import { effectiveSize, estimateTarget, type Weighed } from '../../../src/experiments/off-policy/estimate.ts';
import { examination } from '../../../src/experiments/off-policy/examination.ts';
import { type Drawable, drawPositions, seededRandom } from '../../../src/recommend/index.ts';

const FILE = new URL('../../support/experiments-reference/reference.json', import.meta.url);
const reference = JSON.parse(readFileSync(FILE, 'utf8'));
const list = (scores: number[], change: Partial<Drawable> = {}): Drawable => ({
  ...{
    scores,
    creators: scores.map((_, n) => n + 1),
    fixed: new Set<number>(),
    top: scores.length,
    temperature: 1,
  },
  ...change,
});

t.test('with one position IPS and SNIPS are the weighted means that statsmodels computes', async (t) => {
  const { reward, propensity, target } = reference.logged as Record<string, number[]>;
  const lists = reward!.map(
    (click, n): Weighed => ({
      logged: { person: `p${n}`, list: list([0]), served: 1, clicks: [click === 1], sources: [] },
      ...{ drawn: Float64Array.of(propensity![n]!), wanted: Float64Array.of(target![n]!) },
    }),
  );
  const { ips, snips } = estimateTarget(lists, 1);
  t.ok(Math.abs(ips.value - reference.ips) < 1e-12);
  t.ok(Math.abs(snips.value - reference.snips) < 1e-12);
  const weights = target!.map((chance, n) => chance / propensity![n]!);
  t.ok(Math.abs(effectiveSize(weights) - reference['effective sample size']) < 1e-12);
});

t.test('chances of positions are those of Plackett and Luce', async (t) => {
  const scores = [Math.log(4), Math.log(2), Math.log(1)];
  const deviation = Math.sqrt(scores.reduce((sum, s) => sum + (s - Math.log(2)) ** 2, 0) / 3);
  const chances = positionChances(list(scores, { temperature: 1 / deviation }), 3, 4000, 1);
  const near = (found: number, wanted: number) =>
    t.ok(Math.abs(found - wanted) < 0.01, `${found} is ${wanted}`);
  near(chances[0]!, 4 / 7);
  near(chances[3]!, 2 / 7);
  // Second after the others: 2/7 · 4/5 + 1/7 · 4/6.
  near(chances[1]!, (2 / 7) * (4 / 5) + (1 / 7) * (4 / 6));
  near(chances[0]! + chances[1]! + chances[2]!, 1);
  near(chances[0]! + chances[3]! + chances[6]!, 1);
});

t.test('a fixed item is where it is for certain', async (t) => {
  const chances = positionChances(list([3, 2, 1, 0], { fixed: new Set([1]) }), 4, 50, 1);
  t.equal(chances[1 * 4 + 1], 1);
  t.equal(chances[0 * 4 + 1], 0);
});

t.test('the creator cap is part of the law', async (t) => {
  const capped = list([9, 8, 7, 0], { creators: [5, 5, 5, 6], temperature: 0.01 });
  const chances = positionChances(capped, 4, 20, 1);
  t.equal(Math.round(chances[3 * 4 + 2]!), 1, 'the third of one creator makes way');
});

t.test('examination is found again from clicks', async (t) => {
  const attention = [1, 0.7, 0.4, 0.2];
  const random = seededRandom(3);
  const drawn = list([2, 1, 0, -1]);
  const chances = positionChances(drawn, 4, 4000, 2);
  const lists = Array.from({ length: 30_000 }, (_, n): Pick<Weighed, 'logged' | 'drawn'> => {
    const order: number[] = [];
    drawPositions(drawn, 4, random, (_p, { within }, chosen) => order.push(within[chosen]!));
    const rows = new Float64Array(16);
    order.forEach((place, at) => {
      rows.set(chances.subarray(place * 4, place * 4 + 4), at * 4);
    });
    const clicks = order.map((place, at) => random.next() < attention[at]! * [0.6, 0.4, 0.2, 0.1][place]!);
    return { logged: { person: `p${n}`, list: drawn, served: 4, clicks, sources: [] }, drawn: rows };
  });
  examination(lists, 4).forEach((found, at) => {
    t.ok(Math.abs(found - attention[at]!) < 0.04, `${found} is ${attention[at]}`);
  });
});

t.test('a target that shows what the log never shows is refused, with the share', async (t) => {
  const logged = { person: 'a', list: list([1, 0]), served: 2, clicks: [true, false], sources: [] };
  const drawn = Float64Array.of(1, 0, 0, 1);
  const wanted = Float64Array.of(0.5, 0.5, 0.5, 0.5);
  t.throws(() => estimateTarget([{ logged, drawn, wanted }], 2), { code: 'no-support', message: /%/u });
});

t.test('a boost raises what a source brought, and only that', async (t) => {
  const logged = {
    person: 'a',
    list: list([2, 1]),
    served: 2,
    clicks: [],
    sources: [['taste'], ['trending', 'new']],
  };
  t.same(
    underTarget(logged, { boost: { trending: 3 }, temperature: 0.5 }),
    list([2, 3], { temperature: 0.5 }),
  );
});
