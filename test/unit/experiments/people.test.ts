import { evalCondition } from '@growthbook/growthbook';
import fc from 'fast-check';
import t from 'tap';
import type { PeopleCondition } from '../../../schemas/experiment.ts';
import { checkPeople, meets } from '../../../src/experiments/people.ts';
import { somebody } from '../../support/experiments.ts';

const touched = (count: number) => new Set(Array.from({ length: count }, (_, n) => n + 1));

t.test('a condition holds when all of it does', async (t) => {
  const person = somebody('ann', {
    attributes: { country: 'DE', age: 30, pro: true },
    preferences: { maxLevel: 4 },
    seen: touched(12),
  });
  const cases: [PeopleCondition, boolean][] = [
    [{ 'attributes.country': 'DE' }, true],
    [{ 'attributes.country': { $in: ['FR', 'DE'] }, 'attributes.pro': true }, true],
    [{ 'attributes.country': { $in: ['FR', 'DE'] }, 'attributes.pro': false }, false],
    [{ 'attributes.age': { $gte: 30, $lt: 31 } }, true],
    [{ 'attributes.age': { $gt: 30 } }, false],
    [{ 'attributes.country': { $gt: 1 } }, false],
    [{ 'attributes.plan': { $exists: false } }, true],
    [{ 'attributes.plan': { $lt: 5 } }, false],
    [{ 'attributes.plan': { $ne: 'free' } }, true],
    [{ 'attributes.toString': { $exists: true } }, false],
    [{ 'attributes.age': '30' }, false],
    [{ 'preferences.maxLevel': { $lte: 4 }, touched: 12, segment: 'light' }, true],
  ];
  for (const [condition, holds] of cases) t.equal(meets(person, condition), holds, JSON.stringify(condition));
});

t.test('segments begin at one and at fifty items', async (t) => {
  for (const [count, segment] of [
    [0, 'new'],
    [1, 'light'],
    [49, 'light'],
    [50, 'heavy'],
  ] as const)
    t.ok(meets(somebody('ann', { seen: touched(count) }), { segment }), `${count}`);
  t.throws(() => checkPeople({ segment: { $in: ['new', 'huge'] } }), {
    code: 'condition-invalid',
    pointer: '/targeting/people/segment',
  });
});

t.test('GrowthBook’s SDK says the same of whatever is said of a person', async () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom('a', 'b'), fc.boolean());
  const few = fc.array(value, { minLength: 1, maxLength: 3 });
  const number = fc.integer({ min: -3, max: 3 });
  const comparison = fc.record(
    { $eq: value, $ne: value, $in: few, $nin: few, $exists: fc.boolean() },
    { requiredKeys: [] },
  );
  const numeric = fc.record({ $gt: number, $gte: number, $lt: number, $lte: number }, { requiredKeys: [] });
  const nonEmpty = <T>(one: fc.Arbitrary<T>) =>
    one.filter((condition) => typeof condition !== 'object' || Object.keys(condition as object).length > 0);
  fc.assert(
    fc.property(value, number, nonEmpty(comparison), nonEmpty(numeric), (said, age, any, ordered) => {
      const attributes = { said, age };
      const condition = {
        'attributes.said': any,
        'attributes.age': ordered,
        'attributes.gone': { $exists: false },
      };
      const person = somebody('ann', { attributes });
      return (
        meets(person, condition as PeopleCondition) === evalCondition({ attributes }, condition as never)
      );
    }),
    { numRuns: 2000 },
  );
});
