import fc from 'fast-check';
import t from 'tap';
import type { SafetyPolicy } from '../../../src/catalog/types.ts';
import {
  type Decision,
  decide,
  effectiveLevel,
  levelFor,
  openRule,
  type SafetyFacts,
  type Scores,
  servable,
} from '../../../src/safety/index.ts';

const rule = openRule();
const decided = (facts: SafetyFacts): Decision => decide(facts, rule);
const served = (facts: SafetyFacts) => effectiveLevel(decided(facts));

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
const level = (facts: Partial<SafetyFacts>) => served({ ...live, ...facts });

const CLASSIFY: SafetyPolicy = { mode: 'classify' };
const policies: fc.Arbitrary<SafetyPolicy> = fc.oneof(
  fc.constant(UNKNOWN),
  fc.constant(TRUSTED),
  fc.constant(CLASSIFY),
  fc.record({ mode: fc.constant('level' as const), level: fc.integer({ min: -5, max: 200 }) }),
);
const probability = fc.double({ min: 0, max: 1, noNaN: true });
const nsfwjs = fc.record({
  ...{
    Drawing: probability,
    Hentai: probability,
    Neutral: probability,
    Porn: probability,
    Sexy: probability,
  },
});
const openNsfw = fc.record({ sfw: probability, nsfw: probability });
const pixels = fc.record({ nsfwjs, 'open-nsfw': openNsfw });
const anyPixels = fc.oneof(
  fc.constant(null),
  pixels,
  fc.record({ nsfwjs }),
  fc.record({ 'open-nsfw': openNsfw }),
);
const anyFacts: fc.Arbitrary<SafetyFacts> = fc.record({
  level: fc.oneof(fc.constant(null), fc.integer({ min: -70, max: 140 }), fc.double()),
  status: fc.integer({ min: 0, max: 3 }),
  minor: fc.boolean(),
  poi: fc.boolean(),
  isPrivate: fc.boolean(),
  toxicity: fc.oneof(fc.constant(null), fc.double({ min: -1, max: 2 })),
  policy: policies,
  marks: fc.integer({ min: 0, max: 3 }),
  pixels: anyPixels,
  reported: fc.boolean(),
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
  t.match(decided({ ...live, level: null }), { held: true, reasons: ['level-unknown'], source: 'unknown' });
  t.match(decided({ ...live, level: 0 }), { held: true, source: 'unknown' });
  t.match(decided({ ...live, level: null, policy: TRUSTED }), { level: 1, held: false, source: 'policy' });
  const four = { mode: 'level', level: 4 } as const;
  t.match(decided({ ...live, level: null, policy: four }), { level: 4, held: false, source: 'policy' });
  t.match(decided({ ...live, level: 8, policy: TRUSTED }), { level: 8, held: false, source: 'declared' });
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
      return !(unknown || blocked || hidden) || !servable(served(facts), max);
    }),
    { numRuns: 5_000 },
  );
});

t.test('every verdict is one of the seven levels', async () => {
  fc.assert(
    fc.property(anyFacts, (facts) => [0, 1, 2, 4, 8, 16, 32].includes(served(facts))),
    { numRuns: 5_000 },
  );
});

t.test('raising the highest level a person may see never takes an item away', async () => {
  fc.assert(
    fc.property(anyFacts, fc.double({ noNaN: true }), fc.double({ noNaN: true }), (facts, a, b) => {
      const level = served(facts);
      return !servable(level, Math.min(a, b)) || servable(level, Math.max(a, b));
    }),
    { numRuns: 5_000 },
  );
});

t.test('a less safe text, a minor or a real person never makes an item servable to more people', async () => {
  fc.assert(
    fc.property(anyFacts, anyMax, (facts, max) => {
      const better = served({ ...facts, minor: false, poi: false, toxicity: 0 });
      return facts.toxicity === null || !servable(served(facts), max) || servable(better, max);
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

const SAFE = { Drawing: 0.1, Hentai: 0, Neutral: 0.9, Porn: 0, Sexy: 0 };
const PORN = { Drawing: 0, Hentai: 0, Neutral: 0.2, Porn: 0.7, Sexy: 0.1 };
const SEXY = { Drawing: 0, Hentai: 0, Neutral: 0.3, Porn: 0.1, Sexy: 0.6 };

t.test(
  'an item that is to be classified is held until it is, then has the level of its picture',
  async (t) => {
    const facts = { ...live, level: null, policy: CLASSIFY };
    t.match(decided(facts), { held: true, reasons: ['unclassified'] });
    t.match(decided({ ...facts, pixels: {} }), { held: true });
    t.match(decided({ ...facts, pixels: { nsfwjs: SAFE } }), { level: 1, held: false, source: 'classifier' });
    t.match(decided({ ...facts, pixels: { nsfwjs: SEXY } }), { level: 4, held: false });
    t.match(decided({ ...facts, pixels: { nsfwjs: PORN } }), { level: 8, held: false });
  },
);

t.test('of two classifiers the stricter counts, and that they disagree is said', async (t) => {
  const facts = { ...live, level: null, policy: CLASSIFY };
  const pixels = { nsfwjs: SAFE, 'open-nsfw': { sfw: 0.1, nsfw: 0.9 } };
  t.match(decided({ ...facts, pixels }), { level: 8, held: false });
  t.ok(decided({ ...facts, pixels }).reasons.includes('classifiers-disagree'));
});

t.test(
  'a score that is no probability, a class that is missing and an unknown classifier are no evidence',
  async (t) => {
    const facts = { ...live, level: null, policy: CLASSIFY };
    const odd: Scores[] = [{ ...SAFE, Porn: Number.NaN }, { ...SAFE, Porn: 2 }, { Neutral: 1 }, {}];
    for (const scores of odd) t.equal(decided({ ...facts, pixels: { nsfwjs: scores } }).held, true);
    t.equal(decided({ ...facts, pixels: { nsfwjs: SAFE, unheard: { safe: 1 } } }).held, true);
  },
);

t.test('a declared level is raised by a step, disputed from two on, and never lowered', async (t) => {
  const pixels = { nsfwjs: SEXY };
  t.match(decided({ ...live, level: 2, pixels }), { level: 4, held: false, source: 'classifier' });
  t.match(decided({ ...live, level: 1, pixels }), { level: 4, held: true });
  t.ok(decided({ ...live, level: 1, pixels }).reasons.includes('disputed'));
  t.match(decided({ ...live, level: 8, pixels: { nsfwjs: SAFE } }), {
    level: 8,
    held: false,
    source: 'declared',
  });
});

t.test('words for a child beside sexual ones, or in an explicit picture, block at any score', async (t) => {
  t.equal(level({ marks: 1 }), 1);
  t.equal(level({ marks: 2 }), 1);
  t.equal(level({ marks: 3 }), 32);
  t.equal(level({ marks: 1, level: 8 }), 32);
  t.equal(level({ marks: 1, level: 1, pixels: { nsfwjs: PORN } }), 32);
  t.equal(level({ marks: 3, toxicity: null }), 32);
  t.equal(level({ marks: 1, level: 2 }), 2);
  t.equal(level({ marks: 1, level: 4 }), 0, 'a person looks at what is not for children and speaks of one');
  t.equal(level({ marks: 1, level: 2, pixels: { nsfwjs: SEXY } }), 0);
  t.equal(level({ marks: 1, level: 4, moderated: 4 }), 4);
});

t.test('a moderator has the last word, but for minors, real people and what is private', async (t) => {
  t.equal(level({ level: null, moderated: 1 }), 1);
  t.equal(level({ level: 1, pixels: { nsfwjs: PORN }, moderated: 4 }), 4);
  t.equal(level({ marks: 3, moderated: 2 }), 2);
  t.equal(level({ moderated: 32 }), 32);
  t.equal(level({ minor: true, moderated: 4 }), 32);
  t.equal(level({ poi: true, moderated: 8 }), 32);
  t.equal(level({ isPrivate: true, moderated: 1 }), 32);
  t.equal(level({ moderated: 1, reported: true }), 0, 'reported since, it waits for another look');
});

t.test('more unsafe evidence never lowers the level, and never shows it to more people', async () => {
  fc.assert(
    fc.property(
      anyFacts,
      pixels,
      anyMax,
      fc.constantFrom('Porn', 'Hentai', 'Sexy', 'nsfw'),
      (facts, seen, max, name) => {
        const of = (add: number) => {
          const raised = (scores: Record<string, number>) =>
            name in scores ? { ...scores, [name]: Math.min(1, scores[name]! + add) } : scores;
          return {
            ...facts,
            pixels: { nsfwjs: raised(seen.nsfwjs), 'open-nsfw': raised(seen['open-nsfw']) },
          };
        };
        const [less, more] = [of(0), of(0.5)];
        return (
          decided(more).level >= decided(less).level &&
          (!servable(served(more), max) || servable(served(less), max))
        );
      },
    ),
    { numRuns: 5_000 },
  );
});

t.test(
  'more unsafe text, reports and marks never lower the level, and never show it to more people',
  async () => {
    fc.assert(
      fc.property(anyFacts, anyMax, probability, (facts, max, toxicity) => {
        const less = { ...facts, toxicity: toxicity / 2, marks: 0, reported: false };
        const more = { ...less, toxicity, marks: facts.marks!, reported: facts.reported! };
        return (
          decided(more).level >= decided(less).level &&
          (!servable(served(more), max) || servable(served(less), max))
        );
      }),
      { numRuns: 5_000 },
    );
  },
);

t.test('missing evidence is never served: neither a level nor a picture that was looked at', async () => {
  const nothing = fc.constantFrom<SafetyFacts['pixels']>(
    null,
    undefined,
    {},
    { nsfwjs: {} },
    { nsfwjs: { ...SAFE, Porn: Number.NaN } },
  );
  fc.assert(
    fc.property(
      anyFacts,
      anyMax,
      nothing,
      fc.constantFrom(UNKNOWN, CLASSIFY),
      (facts, max, pixels, policy) => !servable(served({ ...facts, level: null, policy, pixels }), max),
    ),
    { numRuns: 5_000 },
  );
});

t.test(
  'a classifier never lowers what was declared, and what nobody asked it for it does not decide',
  async () => {
    fc.assert(
      fc.property(anyFacts, anyMax, anyPixels, (facts, max, pixels) => {
        const alone = served({ ...facts, pixels: null });
        const seen = served({ ...facts, pixels });
        const asked = facts.policy.mode === 'classify' && !facts.level;
        return asked || !servable(seen, max) || servable(alone, max);
      }),
      { numRuns: 5_000 },
    );
  },
);
