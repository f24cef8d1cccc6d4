import { effectOf } from '../analysis/effect.ts';
import { adjusted, ratio } from '../analysis/estimate.ts';
import { type Moments, merge, NOBODY } from '../analysis/moments.ts';
import { benjaminiHochberg, holm } from '../analysis/multiplicity.ts';
import { minimumDetectable } from '../analysis/power.ts';
import { ENOUGH_PEOPLE } from '../analysis/sequence.ts';
import type { MeasuredMetric } from '../metrics.ts';
import type { Grouped } from './read.ts';
import type { DayResult, GuardrailCheck, MetricResult, SegmentResult } from './types.ts';

/** One metric's moments by variant, in the order of the variants, the control first. */
export type MetricData = MeasuredMetric & { rows: Grouped[] };
export type Variants = { key: string; label: string }[];

const totals = (rows: Grouped[], variants: Variants): Moments[] =>
  variants.map(({ label }) =>
    rows.filter((row) => row.label === label).reduce((sum, { moments }) => merge(sum, moments), NOBODY),
  );

/** Every variant against the control, on every metric. Variants without people are left out. */
export function compareMetrics(data: MetricData[], variants: Variants, alpha: number): MetricResult[] {
  return data.flatMap(({ name, metric, role, rows }): MetricResult[] => {
    const moments = totals(rows, variants);
    const plain = moments.map(ratio);
    const { estimates, reduction } = adjusted(moments);
    return variants.slice(1).flatMap(({ key }, i): MetricResult[] => {
      const people: [number, number] = [moments[0]!.n, moments[i + 1]!.n];
      if (people[0] < 2 || people[1] < 2) return [];
      const control = estimates[0]!;
      const variance =
        (control.variance * people[0] + estimates[i + 1]!.variance * people[1]) / (people[0] + people[1]);
      return [
        {
          ...{ metric: name, role, better: metric.better, variant: key, people, adjustedP: null },
          plain: effectOf(plain[0]!, plain[i + 1]!, alpha),
          cuped: { ...effectOf(control, estimates[i + 1]!, alpha), reduction },
          minimumDetectable:
            control.value === 0 ? null : minimumDetectable(variance, people, alpha) / Math.abs(control.value),
        },
      ];
    });
  });
}

/** Corrected for how many were tested: over all comparisons at once, whatever their windows. */
export function correctMetrics(results: MetricResult[]): MetricResult[] {
  const tested = results.filter(({ role }) => role !== 'guardrail');
  const ps = holm(tested.map(({ cuped }) => cuped.fixed.p));
  return results.map((result) => {
    const at = tested.indexOf(result);
    return at < 0 ? result : { ...result, adjustedP: ps[at]! };
  });
}

/** Harm counts as positive, in units of the control's value. */
export function checkGuardrails(results: MetricResult[], measured: MeasuredMetric[]): GuardrailCheck[] {
  return results
    .filter(({ role }) => role === 'guardrail')
    .map(({ metric, variant, better, people, cuped }) => {
      const { maxHarm } = measured.find(({ name, role }) => name === metric && role === 'guardrail')!;
      const sign = better === 'lower' ? 1 : -1;
      const [low, high] = cuped.sequential.interval;
      const scale = Math.abs(cuped.control);
      // Of a metric that the control never shows, any amount is more than any share of it.
      const inShares = (difference: number) => (scale > 0 ? difference / scale : difference);
      const harm = inShares(sign * cuped.difference);
      const leastHarm = inShares(sign > 0 ? low : -high);
      const few = Math.min(...people) < ENOUGH_PEOPLE;
      const state = few ? 'too few people' : leastHarm > maxHarm ? 'breached' : 'watched';
      return { metric, variant, maxHarm, harm, leastHarm, state };
    });
}

/** By the day on which people were first seen: days are different people, hence independent. */
export function overTime({ rows }: MetricData, variants: Variants, alpha: number): DayResult[] {
  const days = [...new Set(rows.map(({ group }) => group))].sort();
  return variants.slice(1).flatMap(({ key, label }) => {
    let soFar = [NOBODY, NOBODY] as [Moments, Moments];
    return days.flatMap((day): DayResult[] => {
      const [control, variant] = [variants[0]!.label, label].map(
        (of) => rows.find((row) => row.group === day && row.label === of)?.moments ?? NOBODY,
      ) as [Moments, Moments];
      soFar = [merge(soFar[0], control), merge(soFar[1], variant)];
      if (control.n < 2 || variant.n < 2) return [];
      const today = effectOf(ratio(control), ratio(variant), alpha);
      const upToNow = effectOf(ratio(soFar[0]), ratio(soFar[1]), alpha);
      return [
        {
          ...{ day, variant: key, people: [control.n, variant.n] },
          ...{ difference: today.difference, interval: today.fixed.interval },
          soFar: { difference: upToNow.difference, sequence: upToNow.sequential.interval },
        },
      ];
    });
  });
}

/** A part's effect before it is known how many parts there are. */
type Uncorrected = Omit<SegmentResult, 'adjustedP'> & { p: number };

export function compareSegments(
  bySegment: { segment: string; rows: Grouped[] }[],
  variants: Variants,
  alpha: number,
): Uncorrected[] {
  return bySegment.flatMap(({ segment, rows }) =>
    [...new Set(rows.map(({ group }) => group))].flatMap((group) => {
      const moments = totals(
        rows.filter((row) => row.group === group),
        variants,
      );
      return variants.slice(1).flatMap(({ key: variant }, i): Uncorrected[] => {
        const people: [number, number] = [moments[0]!.n, moments[i + 1]!.n];
        if (Math.min(...people) < ENOUGH_PEOPLE) return [];
        const { difference, fixed } = effectOf(ratio(moments[0]!), ratio(moments[i + 1]!), alpha);
        return [{ segment, group, variant, people, difference, interval: fixed.interval, p: fixed.p }];
      });
    }),
  );
}

export function correctSegments(results: Uncorrected[]): SegmentResult[] {
  const adjustedPs = benjaminiHochberg(results.map(({ p }) => p));
  return results.map(({ p: _, ...result }, i) => ({ ...result, adjustedP: adjustedPs[i]! }));
}
