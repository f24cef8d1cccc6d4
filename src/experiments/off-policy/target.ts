import { badInput, HamletError } from '../../errors.ts';
import type { PipelineOverrides } from '../../recommend/types.ts';
import type { Target } from './types.ts';

/** As it is asked for: in a variant's own words, or as changes of the draw. */
export type AskedTarget = Target & { overrides?: PipelineOverrides };

const WHY: Partial<Record<keyof PipelineOverrides, string>> = {
  redundancyCost: 'the order before the draw is not logged',
  drawTop: 'the order before the draw is not logged',
  drawShare: 'the order before the draw is not logged',
};
const ELSEWHERE = 'it would show items for which the log has no probability';

/**
 * The log holds the items of each list, their scores and the law they were drawn by: it speaks for other
 * draws of the same items, and for nothing that would have made another list. That needs an experiment.
 *
 * @throws HamletError `target-unsound` (422), `target-invalid` (400)
 */
export function targetFrom({ temperature, boost, overrides = {} }: AskedTarget): Target {
  const { drawTemperature, ...others } = overrides;
  const [name] = Object.keys(others) as (keyof PipelineOverrides)[];
  if (name !== undefined)
    throw new HamletError(
      'target-unsound',
      422,
      `Another ${name} cannot be judged from the log: ${WHY[name] ?? ELSEWHERE}. Compare it in an experiment.`,
      { pointer: `/target/overrides/${name}` },
    );
  if (temperature !== undefined && drawTemperature !== undefined)
    throw badInput('target-invalid', 'The temperature is said twice.', '/target/temperature');
  return { temperature: temperature ?? drawTemperature, boost };
}
