import fc from 'fast-check';
import t from 'tap';
import { effectiveLevel, levelFor, type SafetyFacts, servable } from '../../../src/catalog/safety.ts';
import type { SafetyPolicy } from '../../../src/catalog/types.ts';

const UNKNOWN: SafetyPolicy = { mode: 'unknown' };
const TRUSTED: SafetyPolicy = { mode: 'trusted' };
const live: SafetyFacts = {
  level: 1,
  status: 1,
  minor: false,
  poi: false,
  isPrivate: false,
  toxicity: 0,
  policy: UNKNOWN,
};
const level = (facts: Partial<SafetyFacts>) => effectiveLevel({ ...live, ...facts }).level;

const policies: fc.Arbitrary<SafetyPolicy> = fc.oneof(
  fc.constant(UNKNOWN),
  fc.constant(TRUSTED),
  fc.record({ mode: fc.constant('level' as const), level: fc.integer({ min: -5, max: 200 }) }),
);
const anyFacts: fc.Arbitrary<SafetyFacts> = fc.record({
  level: fc.oneof(fc.constant(null), fc.integer({ min: -70, max: 140 }), fc.double()),
  status: fc.integer({ min: 0, max: 3 }),
  minor: fc.boolean(),
  poi: fc.boolean(),
  isPrivate: fc.boolean(),
  toxicity: fc.oneof(fc.constant(null), fc.double({ min: -1, max: 2 })),
  policy: policies,
});
const anyMax = fc.oneof(fc.constantFrom(1, 2, 4, 8, 16, 32, Number.POSITIVE_INFINITY), fc.double());

t.test('a declared level is the effective one, several flags count as the highest', async (t) => {
  for (const flag of [1, 2, 4, 8, 16]) t.equal(level({ level: flag }), flag);
  t.equal(level({ level: 1 | 2 | 8 }), 8);
});

t.test('a blocked flag blocks whatever else is declared', async (t) => {
  t.equal(level({ level: 32 | 1 }), 32);
  t.equal(level({ level: 64 | 1 }), 32, 'a flag nobody defined counts as blocked');
});

t.test('an undeclared level is held back unless the policy of the import vouches for it', async (t) => {
  t.same(effectiveLevel({ ...live, level: null }), { level: 0, source: 'unknown' });
  t.same(effectiveLevel({ ...live, level: 0 }), { level: 0, source: 'unknown' });
  t.same(effectiveLevel({ ...live, level: null, policy: TRUSTED }), { level: 1, source: 'policy' });
  t.same(effectiveLevel({ ...live, level: null, policy: { mode: 'level', level: 4 } }), {
    level: 4,
    source: 'policy',
  });
  t.same(effectiveLevel({ ...live, level: 8, policy: TRUSTED }), { level: 8, source: 'declared' });
});

t.test('unsafe text is R at least, and only above the threshold of the paper', async (t) => {
  t.equal(level({ toxicity: 0.2 }), 1);
  t.equal(level({ toxicity: 0.21 }), 4);
  t.equal(level({ level: 16, toxicity: 0.9 }), 16);
  t.equal(level({ toxicity: null }), 0, 'text nobody scored holds the item back');
});

t.test('minors are blocked beyond PG13 and beside unsafe text, real people beyond PG13', async (t) => {
  t.equal(level({ minor: true, level: 2 }), 2);
  t.equal(level({ minor: true, level: 4 }), 32);
  t.equal(level({ minor: true, level: 1, toxicity: 0.5 }), 32);
  t.equal(level({ poi: true, level: 2 }), 2);
  t.equal(level({ poi: true, level: 4 }), 32);
});

t.test('private, deleted and placeholder items are never served', async (t) => {
  t.equal(level({ isPrivate: true }), 32);
  t.equal(level({ status: 0 }), 32);
  t.equal(level({ status: 2 }), 32);
});

t.test('no input with an unknown or blocked level is ever servable', async () => {
  fc.assert(
    fc.property(anyFacts, anyMax, (facts, max) => {
      const unknown = (facts.level === null || facts.level === 0) && facts.policy.mode === 'unknown';
      const blocked = facts.level !== null && Number.isInteger(facts.level) && facts.level >= 32;
      const hidden = facts.status !== 1 || facts.isPrivate || facts.toxicity === null;
      return !(unknown || blocked || hidden) || !servable(effectiveLevel(facts).level, max);
    }),
    { numRuns: 5_000 },
  );
});

t.test('every verdict is one of the seven levels', async () => {
  fc.assert(
    fc.property(anyFacts, (facts) => [0, 1, 2, 4, 8, 16, 32].includes(effectiveLevel(facts).level)),
    { numRuns: 5_000 },
  );
});

t.test('raising the highest level a person may see never takes an item away', async () => {
  fc.assert(
    fc.property(anyFacts, fc.double({ noNaN: true }), fc.double({ noNaN: true }), (facts, a, b) => {
      const { level } = effectiveLevel(facts);
      return !servable(level, Math.min(a, b)) || servable(level, Math.max(a, b));
    }),
    { numRuns: 5_000 },
  );
});

t.test('a less safe text, a minor or a real person never makes an item servable to more people', async () => {
  fc.assert(
    fc.property(anyFacts, anyMax, (facts, max) => {
      const better = effectiveLevel({ ...facts, minor: false, poi: false, toxicity: 0 }).level;
      return facts.toxicity === null || !servable(effectiveLevel(facts).level, max) || servable(better, max);
    }),
    { numRuns: 5_000 },
  );
});

t.test('the check fails closed on what is no level', async (t) => {
  for (const odd of [0, 32, 64, -1, Number.NaN, Number.POSITIVE_INFINITY]) t.equal(servable(odd, 16), false);
  t.equal(servable(1, Number.NaN), false);
  t.equal(servable(1, 0), false);
  t.equal(servable(16, 32), true);
  t.equal(servable(2, 1), false);
});

t.test('a preference narrows what is asked for and never widens it', async (t) => {
  t.equal(levelFor(8, 2), 2);
  t.equal(levelFor(2, 8), 2);
  t.equal(levelFor(16), 16);
});
