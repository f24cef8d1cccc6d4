import type { Comparison, PeopleCondition } from '../../schemas/experiment.ts';
import { badInput } from '../errors.ts';
import type { Assigned } from '../recommend/types.ts';

type Scalar = string | number | boolean;

/** Items somebody did anything with from which they count as heavy. */
const HEAVY = 50;
const SEGMENTS = ['new', 'light', 'heavy'];
const segmentOf = (touched: number) => SEGMENTS[touched === 0 ? 0 : touched < HEAVY ? 1 : 2]!;

/**
 * Whether all of a condition holds for a person now. Paths and comparisons are GrowthBook's, so that the same
 * condition can be given to an SDK of it with `{attributes, preferences, touched, segment}`; only that here
 * a bare value is `$eq`, where an SDK takes 1 for true, and what is not said is neither less nor more than a number.
 */
export const meets = (person: Assigned, condition: PeopleCondition): boolean =>
  Object.entries(condition).every(([path, wanted]) => {
    const value = knownOf(person, path);
    return typeof wanted === 'object' ? holds(value, wanted) : value === wanted;
  });

function knownOf({ attributes, preferences, seen }: Assigned, path: string): Scalar | undefined {
  if (path === 'touched') return seen.size;
  if (path === 'segment') return segmentOf(seen.size);
  const dot = path.indexOf('.');
  const [group, name] = [path.slice(0, dot), path.slice(dot + 1)];
  const values = (group === 'attributes' ? attributes : preferences) as Record<string, Scalar>;
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

const holds = (value: Scalar | undefined, wanted: Comparison): boolean =>
  Object.entries(wanted).every(([operator, operand]) =>
    TESTS[operator as keyof Comparison](value, operand as never),
  );

const ordered = (test: (value: number, operand: number) => boolean) => (value: unknown, operand: number) =>
  typeof value === 'number' && test(value, operand);

const TESTS: {
  [K in keyof Required<Comparison>]: (value: unknown, operand: NonNullable<Comparison[K]>) => boolean;
} = {
  $eq: (value, operand) => value === operand,
  $ne: (value, operand) => value !== operand,
  $in: (value, operand) => (operand as unknown[]).includes(value),
  $nin: (value, operand) => !(operand as unknown[]).includes(value),
  $gt: ordered((value, operand) => value > operand),
  $gte: ordered((value, operand) => value >= operand),
  $lt: ordered((value, operand) => value < operand),
  $lte: ordered((value, operand) => value <= operand),
  $exists: (value, operand) => (value !== undefined) === operand,
};

/** What would never hold, or always, by a slip. @throws HamletError `condition-invalid` (400) */
export function checkPeople(condition: PeopleCondition): void {
  const { segment } = condition;
  if (segment === undefined) return;
  const named = typeof segment === 'object' ? Object.values(segment).flat() : [segment];
  const unknown = named.find((one) => typeof one !== 'boolean' && !SEGMENTS.includes(String(one)));
  if (unknown !== undefined)
    throw badInput(
      'condition-invalid',
      `There is no segment ${unknown}; there are ${SEGMENTS.join(', ')}.`,
      '/targeting/people/segment',
    );
}
