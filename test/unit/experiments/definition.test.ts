import t from 'tap';
import { checkDefinition, checkStart } from '../../../src/experiments/definition.ts';
import type { Definition } from '../../../src/experiments/index.ts';
import { definition } from '../../support/experiments.ts';

const two = (a: object, b: object) =>
  [
    { key: 'a', weight: 0.5, ...a },
    { key: 'b', weight: 0.5, ...b },
  ] as Definition['variants'];
const custom = (name: string, metric: object) =>
  ({ primary: 'ctr', custom: { [name]: metric } }) as Definition['metrics'];
const LISTS = { count: 'lists' };

const BAD: [why: string, change: Partial<Definition>, code: string, pointer: string][] = [
  ['weights that do not sum to one', { variants: two({ weight: 0.6 }, {}) }, 'weights-invalid', '/variants'],
  ['no weight', { variants: two({ weight: 1 }, { weight: 0 }) }, 'weights-invalid', '/variants/1/weight'],
  ['one key twice', { variants: two({}, { key: 'a' }) }, 'variants-invalid', '/variants'],
  ['an unknown metric', { metrics: { primary: 'joy' } }, 'metric-unknown', '/metrics/primary'],
  [
    'a metric named like Object’s own',
    { metrics: { primary: 'toString' } },
    'metric-unknown',
    '/metrics/primary',
  ],
  ['an empty layer', { layer: { name: 'home', from: 0.5, to: 0.5 } }, 'layer-invalid', '/layer'],
  [
    'three interleaved',
    { mode: 'interleaving', variants: [...two({}, { weight: 0.25 }), { key: 'c', weight: 0.25 }] },
    'variants-invalid',
    '/variants',
  ],
  [
    'events without types',
    { metrics: custom('mine', { numerator: { count: 'events' }, denominator: LISTS, better: 'higher' }) },
    'metric-invalid',
    '/metrics/custom/mine',
  ],
  [
    'a metric in place of a built-in one',
    { metrics: custom('ctr', { numerator: LISTS, denominator: LISTS, better: 'higher' }) },
    'metric-invalid',
    '/metrics/custom/ctr',
  ],
];
for (const [why, change, code, pointer] of BAD)
  t.test(`${why} is refused`, async (t) => {
    t.throws(() => checkDefinition(definition(change)), { code, pointer, status: 400 });
  });

t.test('a good definition passes, thirds included', async (t) => {
  const third = 1 / 3;
  const variants = ['a', 'b', 'c'].map((key) => ({ key, weight: third }));
  t.doesNotThrow(() => checkDefinition(definition({ variants })));
});

const overriding = (overrides: object) => definition({ variants: two({}, { overrides }) });
const nothing = async () => false;

t.test('a variant that names what does not exist cannot start', async (t) => {
  const cases: [object, string, string][] = [
    [{ sources: ['similar', 'psychic'] }, 'stage-unknown', '/variants/1/overrides/sources'],
    [{ sources: [] }, 'stage-unknown', '/variants/1/overrides/sources'],
    [{ scorers: ['luck'] }, 'stage-unknown', '/variants/1/overrides/scorers'],
    [{ weights: { luck: 1 } }, 'stage-unknown', '/variants/1/overrides/weights'],
    [
      { artifacts: { 'item-graph-image': 'v9' } },
      'artifact-unknown',
      '/variants/1/overrides/artifacts/item-graph-image',
    ],
  ];
  for (const [overrides, code, pointer] of cases)
    await t.rejects(checkStart('key', overriding(overrides), [], nothing), { code, pointer });
  await t.resolves(
    checkStart('key', overriding({ sources: ['trending'], weights: { taste: 1 } }), [], nothing),
  );
});

t.test('people cannot be in two experiments at once', async (t) => {
  const other = (change: Partial<Definition>) => [{ key: 'other', definition: definition(change) }];
  const start = (mine: Partial<Definition>, theirs: Partial<Definition>) =>
    checkStart('key', definition(mine), other(theirs), nothing);
  const part = (from: number, to: number) => ({ layer: { name: 'home', from, to } });
  await t.rejects(start({}, {}), { code: 'experiments-overlap', status: 409 });
  await t.rejects(start(part(0, 0.5), part(0.4, 1)), { code: 'experiments-overlap' });
  await t.rejects(start(part(0, 0.5), {}), { code: 'experiments-overlap' });
  await t.resolves(start(part(0, 0.5), part(0.5, 1)));
  await t.resolves(start({ targeting: { kinds: ['image'] } }, { targeting: { kinds: ['model'] } }));
  await t.resolves(start({ targeting: { surfaces: ['home'] } }, { targeting: { surfaces: ['feed'] } }));
  await t.resolves(checkStart('other', definition(), other({}), nothing), 'it does not meet itself');
});
