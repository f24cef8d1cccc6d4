import { readFileSync } from 'node:fs';
import t from 'tap';
import { effectOf } from '../../../src/experiments/analysis/effect.ts';
import { adjusted, ratio } from '../../../src/experiments/analysis/estimate.ts';
import { merge, momentsOf, NOBODY } from '../../../src/experiments/analysis/moments.ts';
import { benjaminiHochberg, holm } from '../../../src/experiments/analysis/multiplicity.ts';
import { normalQuantile, twoSided } from '../../../src/experiments/analysis/normal.ts';
import { minimumDetectable, peopleNeeded } from '../../../src/experiments/analysis/power.ts';
import { sequenceHalfWidth } from '../../../src/experiments/analysis/sequence.ts';
import { sampleRatio, sampleRatioOver } from '../../../src/experiments/analysis/srm.ts';

// What SciPy, statsmodels and gbstats say about the same data; experiments-reference/make.py writes it.
const FILE = new URL('../../support/experiments-reference/reference.json', import.meta.url);
const reference = JSON.parse(readFileSync(FILE, 'utf8'));
const { arm, before, lists, clicks } = reference.people as Record<string, number[]>;
const people = (side: number) => [...arm!.keys()].filter((i) => arm![i] === side);
const pick = (values: number[], side: number) => people(side).map((i) => values[i]!);
const ones = new Array(arm!.length / 2).fill(1);
const near = (
  t: { ok(value: boolean, about: string): unknown },
  found: number,
  wanted: number,
  what: string,
  within = 1e-9,
) =>
  t.ok(
    Math.abs(found - wanted) <= within * Math.max(1e-3, Math.abs(wanted)),
    `${what}: ${found} is ${wanted}`,
  );

t.test('a ratio’s error is statsmodels’ error of a mean over lists, clustered by person', async (t) => {
  for (const side of [0, 1]) {
    const estimate = ratio(momentsOf(pick(clicks!, side), pick(lists!, side), pick(before!, side)));
    near(t, estimate.value, reference.ratio[side].value, 'value');
    near(t, Math.sqrt(estimate.variance / estimate.n), reference.ratio[side].se, 'standard error');
  }
});

t.test('a difference of means and its error are the textbook’s', async (t) => {
  const [a, b] = [0, 1].map((side) => ratio(momentsOf(pick(clicks!, side), ones, pick(before!, side))));
  const effect = effectOf(a!, b!, 0.05);
  near(t, effect.difference, reference.mean.difference, 'difference');
  near(t, effect.se, reference.mean.se, 'standard error');
  near(t, effect.fixed.interval[1] - effect.difference, 1.959963984540054 * reference.mean.se, 'half-width');
});

t.test('CUPED’s difference is the arm’s coefficient in statsmodels’ analysis of covariance', async (t) => {
  const moments = [0, 1].map((side) => momentsOf(pick(clicks!, side), ones, pick(before!, side)));
  const { estimates, reduction } = adjusted(moments);
  const effect = effectOf(estimates[0]!, estimates[1]!, 0.05);
  near(t, effect.difference, reference.ancova.difference, 'difference');
  // One slope fewer degree of freedom, and OLS pools the arms' variances.
  near(t, effect.se, reference.ancova.se, 'standard error', 0.01);
  t.ok(reduction > 0.01 && reduction < 0.1);
});

t.test('the normal distribution is SciPy’s', async (t) => {
  for (const { z, p, quantile } of reference.normal) {
    near(t, twoSided(z), p, 'p');
    if (Number.isFinite(quantile)) near(t, normalQuantile(1 - 0.05 / z), quantile, 'quantile');
  }
});

t.test('the sample ratio test is SciPy’s chi-square', async (t) => {
  for (const { observed, weights, p } of reference.srm)
    near(t, sampleRatio(observed, weights).p, p, 'p', 1e-6);
  t.equal(sampleRatio([51_000, 49_000], [0.5, 0.5]).mismatch, true);
  t.equal(sampleRatio([510, 490], [0.5, 0.5]).mismatch, false);
  t.match(sampleRatio([0, 0], [0.5, 0.5]), { p: 1, mismatch: false });
});

t.test('a split whose variants left one after the other is judged stretch by stretch', async (t) => {
  const [weights, later] = [
    [0.5, 0.25, 0.25],
    [0.5, 0, 0.25],
  ];
  const before = { observed: [510, 245, 245], weights };
  const sound = sampleRatioOver([before, { observed: [800, 0, 400], weights: later }]);
  t.same(sound.observed, [1310, 245, 645]);
  t.same(sound.expected, [1300, 250, 650]);
  t.equal(sound.mismatch, false);
  t.equal(sampleRatio(sound.observed, weights).mismatch, true, 'which one test over all would call broken');
  t.equal(sampleRatioOver([before, { observed: [900, 0, 300], weights: later }]).mismatch, true);
  t.equal(sampleRatio([0, 1], [0.9999, 0.0001]).p, 1, 'and a handful of people says nothing');
});

t.test('corrections for several tests are statsmodels’', async (t) => {
  const wanted = { holm: reference.holm, bh: reference['benjamini-hochberg'] };
  holm(reference['p values']).forEach((p, i) => {
    near(t, p, wanted.holm[i], 'Holm');
  });
  benjaminiHochberg(reference['p values']).forEach((p, i) => {
    near(t, p, wanted.bh[i], 'Benjamini–Hochberg');
  });
});

t.test('the smallest effect that is found and the people it needs are statsmodels’', async (t) => {
  const { 'effect size': size, people: each } = reference.power;
  t.ok(Math.abs(peopleNeeded(1, size, [0.5, 0.5], 0.05) - 2 * each) <= 1);
  near(t, minimumDetectable(1, [each, each], 0.05), size, 'minimum detectable effect', 1e-5);
});

t.test('confidence sequences are GrowthBook’s', async (t) => {
  for (const { n, difference, sd, interval } of reference.sequences) {
    const half = sequenceHalfWidth(Math.sqrt((2 * sd ** 2) / (n / 2)), n, 0.05);
    near(t, difference - half, interval[0], 'low', 1e-6);
    near(t, difference + half, interval[1], 'high', 1e-6);
  }
});

t.test('moments of parts, merged, are those of the whole', async (t) => {
  const whole = momentsOf(clicks!, lists!, before!);
  const cuts = [0, 1, 7, 7, 200, 400];
  const parts = cuts.slice(1).map((end, i) => {
    const part = (values: number[]) => values.slice(cuts[i], end);
    return momentsOf(part(clicks!), part(lists!), part(before!));
  });
  const merged = parts.reduce(merge, NOBODY);
  for (const name of Object.keys(whole) as (keyof typeof whole)[]) near(t, merged[name], whole[name], name);
});
