import { ENOUGH_PEOPLE } from '../analysis/sequence.ts';
import { SRM_ALPHA, type SrmCheck } from '../analysis/srm.ts';
import type { GuardrailCheck, MetricResult, Verdict } from './types.ts';

/**
 * What may be concluded about each variant, and why. Only the always-valid interval of the primary metric
 * decides, so that a verdict does not depend on how often somebody looked.
 *
 * @param compared variants other than the control
 * @param minimumEffect relative effect that would matter
 */
export function verdictsOn(
  compared: string[],
  sampleRatio: SrmCheck,
  metrics: MetricResult[],
  guardrails: GuardrailCheck[],
  minimumEffect: number,
): Verdict[] {
  if (sampleRatio.mismatch)
    return [
      {
        decision: 'blocked',
        variant: null,
        reasons: [
          `The people do not split as the weights say: ${sampleRatio.observed.join(' : ')} instead of ${sampleRatio.expected.map(Math.round).join(' : ')} (p = ${sampleRatio.p.toExponential(1)} < ${SRM_ALPHA}). Whatever broke the split may have made the difference.`,
        ],
      },
    ];
  return compared.map((variant) => {
    const primary = metrics.find((one) => one.role === 'primary' && one.variant === variant);
    const breached = guardrails.filter((one) => one.variant === variant && one.state === 'breached');
    if (primary === undefined)
      return {
        decision: 'no data',
        variant,
        reasons: ['Fewer than two people in this variant or the control.'],
      };
    return { variant, ...decide(primary, breached, minimumEffect) };
  });
}

function decide(
  { metric, better, people, cuped, minimumDetectable }: MetricResult,
  breached: GuardrailCheck[],
  minimumEffect: number,
): Omit<Verdict, 'variant'> {
  const sign = better === 'higher' ? 1 : -1;
  const [a, b] = cuped.sequential.interval.map((edge) => sign * edge) as [number, number];
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  const figures = `${metric} ${number(cuped.control)} → ${number(cuped.value)}, difference ${number(cuped.difference)}, always-valid interval ${number(cuped.sequential.interval[0])} to ${number(cuped.sequential.interval[1])}, ${people.join(' and ')} people`;
  const harms = breached.map(
    (one) =>
      `${one.metric} is worse by at least ${percent(one.leastHarm)}, more than the ${percent(one.maxHarm)} tolerated`,
  );
  if (Math.min(...people) < ENOUGH_PEOPLE)
    return {
      decision: 'too early',
      reasons: [
        `${figures}: below ${ENOUGH_PEOPLE} people a variant no interval is to be trusted.`,
        ...harms,
      ],
    };
  if (harms.length > 0) return { decision: 'harmful', reasons: [...harms, figures] };
  if (low > 0) return { decision: 'better', reasons: [figures] };
  if (high < 0) return { decision: 'worse', reasons: [figures] };
  const matters = minimumEffect * Math.abs(cuped.control);
  if (low > -matters && high < matters)
    return {
      decision: 'no relevant difference',
      reasons: [figures, `An effect of ${percent(minimumEffect)} or more either way is excluded.`],
    };
  return {
    decision: 'undecided',
    reasons: [
      figures,
      minimumDetectable === null
        ? 'The control shows none of it yet.'
        : `So many people show a relative effect of ${percent(minimumDetectable)} with power .8 at one look; ${percent(minimumEffect)} would matter.`,
    ],
  };
}

const number = (value: number): string => Number(value.toPrecision(4)).toString();
const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
