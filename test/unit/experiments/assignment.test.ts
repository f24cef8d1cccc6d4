import t from 'tap';
import { assignmentBy as assignment } from '../../../src/experiments/assignment.ts';
import type { Experiment } from '../../../src/experiments/index.ts';
import { definition, experiment, somebody } from '../../support/experiments.ts';

const PEOPLE = Array.from({ length: 2000 }, (_, n) => `user-${n}`);
const assignmentBy = (experiments: Experiment[], shown: string[] = []) =>
  assignment(experiments, async (label, userId) => shown.includes(`${label} ${userId}`));
const everyone = (assign: ReturnType<typeof assignmentBy>, surface = 'home') =>
  Promise.all(PEOPLE.map((id) => assign(somebody(id), surface, 'image')));
const variantsOf = async (assign: ReturnType<typeof assignmentBy>, surface = 'home') =>
  (await everyone(assign, surface)).map(({ variant }) => variant);
const share = (variants: string[], variant: string) =>
  variants.filter((one) => one === variant).length / variants.length;

t.test('people are split by weight, and every replica splits them alike', async (t) => {
  const variants = await variantsOf(assignmentBy([experiment()]));
  t.same(variants, await variantsOf(assignmentBy([experiment()])));
  t.ok(Math.abs(share(variants, 'more-diverse@1:diverse') - 0.5) < 0.05);
  t.equal(share(variants, 'default'), 0);
});

t.test('each variant asks for its own pipeline, always the same object', async (t) => {
  const assign = assignmentBy([experiment()]);
  const asked = new Map((await everyone(assign)).map((one) => [one.variant, one.pipelines[0]]));
  t.same(asked.get('more-diverse@1:control'), {});
  t.same(asked.get('more-diverse@1:diverse'), { redundancyCost: 2 });
  t.equal(new Set(await everyone(assign)).size, 2);
});

t.test('a ramp adds people and moves nobody', async (t) => {
  const few = await variantsOf(assignmentBy([experiment({ coverage: 0.2 })]));
  const many = await variantsOf(assignmentBy([experiment({ coverage: 0.8 })]));
  t.ok(Math.abs(share(few, 'default') - 0.8) < 0.05);
  t.ok(Math.abs(share(many, 'default') - 0.2) < 0.05);
  few.forEach((variant, n) => {
    if (variant !== 'default') t.equal(many[n], variant);
  });
});

t.test('an experiment reaches only the lists it is aimed at', async (t) => {
  const targeting = { kinds: ['model' as const], surfaces: ['home'], excludeUsers: ['user-1'] };
  const assign = assignmentBy([experiment({ definition: definition({ targeting }) })]);
  t.equal((await assign(somebody('user-2'), 'home', 'image')).variant, 'default');
  t.equal((await assign(somebody('user-2'), 'search', 'model')).variant, 'default');
  t.equal((await assign(somebody('user-1'), 'home', 'model')).variant, 'default');
  t.match((await assign(somebody('user-2'), 'home', 'model')).variant, /^more-diverse@1:/u);
});

t.test('two experiments of one layer never meet in a person and together reach everyone', async (t) => {
  const part = (key: string, from: number, to: number) =>
    experiment({ key, definition: definition({ layer: { name: 'home', from, to } }) });
  const variants = await variantsOf(assignmentBy([part('one', 0, 0.5), part('two', 0.5, 1)]));
  t.equal(share(variants, 'default'), 0);
  const inOne = variants.filter((variant) => variant.startsWith('one@1:')).length / PEOPLE.length;
  t.ok(Math.abs(inOne - 0.5) < 0.05);
  t.ok(Math.abs(share(variants, 'one@1:diverse') - 0.25) < 0.05, 'layers and variants are independent');
});

t.test('the people of a paused variant get what everyone gets, the others stay', async (t) => {
  const before = await variantsOf(assignmentBy([experiment()]));
  const paused = { diverse: { at: new Date(0).toISOString(), reason: 'hide-rate' } };
  const after = await variantsOf(assignmentBy([experiment({ pausedVariants: paused })]));
  t.same(
    after,
    before.map((variant) => (variant.endsWith(':diverse') ? 'default' : variant)),
  );
});

t.test('a promoted winner is the default of its place, and later variants stand on it', async (t) => {
  const promoted = experiment({
    ...{ key: 'first', state: 'promoted', winner: 'diverse' },
    definition: definition({ targeting: { surfaces: ['home'] } }),
  });
  const alone = assignmentBy([promoted]);
  t.same(await alone(somebody('user-1'), 'home', 'image'), {
    variant: 'default',
    pipelines: [{ redundancyCost: 2 }],
  });
  t.same((await alone(somebody('user-1'), 'search', 'image')).pipelines, [{}]);
  const variants = [
    { key: 'control', weight: 0.5 },
    { key: 'fewer-new', weight: 0.5, overrides: { exploreShare: 0 } },
  ];
  const assign = assignmentBy([promoted, experiment({ definition: definition({ variants }) })]);
  const asked = new Map((await everyone(assign)).map((one) => [one.variant, one.pipelines[0]]));
  t.same(asked.get('more-diverse@1:control'), { redundancyCost: 2 });
  t.same(asked.get('more-diverse@1:fewer-new'), { redundancyCost: 2, exploreShare: 0 });
});

t.test('interleaving gives everyone in reach both pipelines', async (t) => {
  const assign = assignmentBy([
    experiment({ coverage: 0.5, definition: definition({ mode: 'interleaving' }) }),
  ]);
  const mixed = (await everyone(assign)).filter(({ variant }) => variant !== 'default');
  t.ok(Math.abs(mixed.length / PEOPLE.length - 0.5) < 0.05);
  t.same(mixed[0], { variant: 'more-diverse@1:interleaved', pipelines: [{}, { redundancyCost: 2 }] });
});

t.test(
  'an experiment aimed at people takes who meets its condition, and keeps whom it has shown a list',
  async (t) => {
    const aimed = experiment({ definition: definition({ targeting: { people: { segment: 'new' } } }) });
    const newcomer = somebody('user-1');
    const regular = somebody('user-1', { seen: new Set([1]) });
    const { variant } = await assignmentBy([aimed])(newcomer, 'home', 'image');
    t.match(variant, /^more-diverse@1:/u);
    t.equal((await assignmentBy([aimed])(regular, 'home', 'image')).variant, 'default');
    const shown = assignmentBy([aimed], [`${variant} user-1`]);
    t.equal((await shown(regular, 'home', 'image')).variant, variant, 'no longer new, and not moved');
    t.equal((await shown(somebody('user-2', { seen: new Set([1]) }), 'home', 'image')).variant, 'default');
  },
);

t.test('what was promoted for some people is the default of those who meet the condition now', async (t) => {
  const promoted = experiment({
    ...{ state: 'promoted', winner: 'diverse' },
    definition: definition({ targeting: { people: { 'attributes.plan': 'pro' } } }),
  });
  const assign = assignmentBy([promoted]);
  const pro = somebody('user-1', { attributes: { plan: 'pro' } });
  t.same((await assign(pro, 'home', 'image')).pipelines, [{ redundancyCost: 2 }]);
  t.same((await assign(somebody('user-1'), 'home', 'image')).pipelines, [{}]);
});
