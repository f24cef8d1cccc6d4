import type pg from 'pg';
import { type SrmCheck, sampleRatioOver } from '../analysis/srm.ts';
import { type Experiment, labelOf } from '../types.ts';
import { readFirstSeen } from './read.ts';
import type { Window } from './windows.ts';

/**
 * Whether people split as the weights say, from `measured` over the longest window. A variant that left is
 * judged by those who were first seen before it did.
 */
export async function splitOf(
  client: pg.ClientBase,
  { key, version, definition }: Experiment,
  windows: Window[],
): Promise<SrmCheck> {
  const ends = windows.map(({ until }) => until).reverse();
  const seen = await readFirstSeen(client, ends);
  const [control] = definition.variants;
  return sampleRatioOver(
    ends.map((end, stretch) => {
      const running = new Set(windows.flatMap(({ until, variants }) => (until >= end ? variants : [])));
      const parts = definition.variants.map((variant) => {
        if (variant !== control && !running.has(variant.key)) return { people: 0, weight: 0 };
        const people = seen.get(labelOf(key, version, variant.key))?.[stretch] ?? 0;
        return { people, weight: variant.weight };
      });
      return {
        observed: parts.map(({ people }) => people),
        weights: parts.map(({ weight }) => weight),
      };
    }),
  );
}
