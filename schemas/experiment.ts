import { type Static, Type } from 'typebox';
import { ItemKind, NullableText, OpenObject, Strict, Text, words } from './words.ts';

const Name = (about: string) =>
  Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', description: about, examples: ['more-diverse'] });
const Share = (options: object = {}) => Type.Number({ minimum: 0, maximum: 1, ...options });
const Names = Type.Array(Text({ minLength: 1, maxLength: 64 }), { maxItems: 32 });
/** A record whose values are checked; fast-json-stringify writes it without a validator. */
const ByName = <T>(values: object, maxProperties: number) =>
  Type.Unsafe<Record<string, T>>({
    type: 'object',
    propertyNames: { type: 'string', pattern: '^[^\\x00]*$' },
    maxProperties,
    additionalProperties: values,
  });

export const PipelineOverrides = Type.Object(
  {
    sources: Type.Optional({ ...Names, description: 'Sources to keep; all when not said.' }),
    scorers: Type.Optional({ ...Names, description: 'Scorers to keep.' }),
    weights: Type.Optional({
      ...ByName<number>({ type: 'number', minimum: -100, maximum: 100 }, 64),
      description: 'Weights of the blend by feature; the others stay.',
    }),
    artifacts: Type.Optional({
      ...ByName<string>({ type: 'string', minLength: 1, maxLength: 200, pattern: '^[^\\x00]*$' }, 16),
      description: 'Artifact versions by kind, e.g. `item-graph-image`.',
    }),
    redundancyCost: Type.Optional(
      Type.Number({ minimum: 0, maximum: 10, description: 'What full likeness to the items above costs.' }),
    ),
    exploreShare: Type.Optional(Type.Number({ minimum: 0, maximum: 0.5 })),
    drawShare: Type.Optional(Share({ description: 'Share of lists whose order is a logged draw.' })),
    drawTemperature: Type.Optional(Type.Number({ minimum: 0.001, maximum: 100 })),
    drawTop: Type.Optional(Type.Integer({ minimum: 2, maximum: 1000 })),
    depth: Type.Optional(Type.Integer({ minimum: 20, maximum: 1000 })),
    rerank: Type.Optional(
      words(['off', 'auto', 'wait'], {
        description: 'Re-ranking in place of `auto`; a request that says `off` or `wait` itself is obeyed.',
      }),
    ),
  },
  Strict,
);

const EventTypes = Type.Array(
  words(['view', 'click', 'generate', 'download', 'like', 'heart', 'laugh', 'cry', 'dislike', 'hide']),
  { minItems: 1, maxItems: 10 },
);
const Count = Type.Object(
  {
    count: words(['events', 'lists', 'positions', 'sessions', 'users', 'ms', 'diversity', 'hoursToLike'], {
      description:
        '`positions`: items on first pages. `ms`, `diversity`: sums over lists that have the figure. `hoursToLike`: hours from the first list to the first like, cut at the attribution window.',
    }),
    types: Type.Optional(EventTypes),
  },
  Strict,
);
export const MetricDefinition = Type.Object(
  {
    numerator: Count,
    denominator: Count,
    better: words(['higher', 'lower']),
    about: Type.Optional(Text({ maxLength: 500 })),
  },
  Strict,
);

const Scalar = Type.Unsafe<string | number | boolean>({
  anyOf: [
    { type: 'string', maxLength: 256, pattern: '^[^\\x00]*$' },
    { type: 'number' },
    { type: 'boolean' },
  ],
});
const Scalars = Type.Array(Scalar, { minItems: 1, maxItems: 100 });
/** GrowthBook's comparisons, those of them that a person's scalars need. */
const Comparison = Type.Object(
  {
    $eq: Type.Optional(Scalar),
    $ne: Type.Optional(Scalar),
    $in: Type.Optional(Scalars),
    $nin: Type.Optional(Scalars),
    $gt: Type.Optional(Type.Number()),
    $gte: Type.Optional(Type.Number()),
    $lt: Type.Optional(Type.Number()),
    $lte: Type.Optional(Type.Number()),
    $exists: Type.Optional(Type.Boolean()),
  },
  { ...Strict, minProperties: 1 },
);
export type Comparison = Static<typeof Comparison>;
export type PeopleCondition = Record<string, string | number | boolean | Comparison>;
const PeopleCondition = Type.Unsafe<PeopleCondition>({
  type: 'object',
  minProperties: 1,
  maxProperties: 16,
  propertyNames: {
    type: 'string',
    pattern:
      '^(attributes\\.[^\\x00]{1,64}|preferences\\.(maxLevel|commercialUseOnly|excludeFromTraining)|touched|segment)$',
  },
  additionalProperties: Type.Union([Scalar, Comparison]),
  description:
    'Who it is aimed at; all must hold. `attributes.NAME` as PUT with the user, `preferences.NAME`, `touched` (items the person did anything with), `segment` (`new` 0, `light` below 50, `heavy`). A value, or $eq $ne $in $nin $gt $gte $lt $lte $exists. Whoever was shown a list of it stays in.',
  examples: [{ 'attributes.country': { $in: ['DE', 'AT'] }, segment: { $ne: 'new' } }],
});

const Variant = Type.Object(
  {
    key: Name('Unique within the experiment.'),
    weight: Share(),
    overrides: Type.Optional(PipelineOverrides),
  },
  Strict,
);
const MetricName = Text({ minLength: 1, maxLength: 64 });

export const ExperimentDefinition = Type.Object(
  {
    hypothesis: Text({ minLength: 1, maxLength: 2000 }),
    mode: Type.Optional(
      words(['ab', 'interleaving'], {
        default: 'ab',
        description: '`interleaving` mixes the lists of two variants by team draft for everyone in reach.',
      }),
    ),
    unit: Type.Optional(words(['user'], { default: 'user' })),
    variants: Type.Array(Variant, { minItems: 2, maxItems: 10, description: 'The first is the control.' }),
    targeting: Type.Optional(
      Type.Object(
        {
          kinds: Type.Optional(Type.Array(ItemKind, { minItems: 1, maxItems: 2 })),
          surfaces: Type.Optional(
            Type.Array(Text({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 50 }),
          ),
          people: Type.Optional(PeopleCondition),
          excludeUsers: Type.Optional(Type.Array(Text({ minLength: 1, maxLength: 256 }), { maxItems: 1000 })),
        },
        Strict,
      ),
    ),
    layer: Type.Optional(
      Type.Object(
        { name: Name('Experiments of one layer share it out.'), from: Share(), to: Share() },
        {
          ...Strict,
          description:
            'Part of a layer’s people, [from, to), so that experiments on one surface exclude each other.',
        },
      ),
    ),
    coverage: Type.Optional(Share({ default: 1, description: 'Share of people in reach when it starts.' })),
    seed: Type.Optional(
      Text({ minLength: 1, maxLength: 200, description: 'Of the hash; the key when not said.' }),
    ),
    metrics: Type.Object(
      {
        primary: MetricName,
        secondary: Type.Optional(Type.Array(MetricName, { maxItems: 20 })),
        guardrails: Type.Optional(
          Type.Array(
            Type.Object(
              {
                metric: MetricName,
                maxHarm: Type.Number({
                  minimum: 0,
                  maximum: 10,
                  description: 'Relative harm that is tolerated, e.g. 0.02.',
                }),
              },
              Strict,
            ),
            { maxItems: 10 },
          ),
        ),
        custom: Type.Optional({
          ...ByName<Static<typeof MetricDefinition>>(MetricDefinition, 20),
          description: 'Metrics of this experiment’s own, by name.',
        }),
      },
      Strict,
    ),
    attributionHours: Type.Optional(
      Type.Number({
        minimum: 0.001,
        maximum: 720,
        default: 24,
        description: 'How long a list may claim an event.',
      }),
    ),
    sessionMinutes: Type.Optional(
      Type.Number({
        minimum: 0.001,
        maximum: 1440,
        default: 30,
        description: 'Silence that ends a session.',
      }),
    ),
    historyDays: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 365,
        default: 28,
        description: 'Days before the start that CUPED reads.',
      }),
    ),
    botListsAnHour: Type.Optional(Type.Integer({ minimum: 10, maximum: 100_000, default: 500 })),
    alpha: Type.Optional(Type.Number({ minimum: 0.0001, maximum: 0.2, default: 0.05 })),
    minimumEffect: Type.Optional(
      Type.Number({
        minimum: 0.0001,
        maximum: 10,
        default: 0.02,
        description: 'Relative effect on the primary metric that would matter.',
      }),
    ),
    segments: Type.Optional(
      Type.Array(Text({ minLength: 1, maxLength: 64 }), {
        maxItems: 5,
        description: 'Attributes of people to break results down by: exploratory.',
      }),
    ),
  },
  {
    ...Strict,
    examples: [
      {
        hypothesis: 'Less repetition above makes more of what follows liked.',
        variants: [
          { key: 'control', weight: 0.5 },
          { key: 'diverse', weight: 0.5, overrides: { redundancyCost: 1.2 } },
        ],
        metrics: { primary: 'like-rate', guardrails: [{ metric: 'hide-rate', maxHarm: 0.1 }] },
      },
    ],
  },
);
export type ExperimentDefinition = Static<typeof ExperimentDefinition>;

export const ExperimentPath = Type.Object({ key: Name('The experiment.') }, Strict);
const STATES = ['draft', 'running', 'paused', 'stopped', 'promoted'] as const;
export const Experiment = Type.Object({
  key: Type.String(),
  version: Type.Integer({ description: 'Of the definition; editing what has run makes a new one.' }),
  state: words(STATES),
  coverage: Type.Number(),
  pausedVariants: OpenObject({ description: 'By variant: when it was paused and why.' }),
  winner: NullableText,
  startedAt: NullableText,
  endedAt: NullableText,
  definition: OpenObject(),
});
export const ExperimentList = Type.Object({ experiments: Type.Array(Experiment) });
export const ExperimentHistory = Type.Object({
  changes: Type.Array(
    Type.Object({ version: Type.Integer(), change: Type.String(), detail: OpenObject(), at: Type.String() }),
  ),
});
export const RampBody = Type.Object({ coverage: Share() }, Strict);
export const VariantBody = Type.Object({ variant: Name('Of the version in force.') }, Strict);
export const PauseBody = Type.Object(
  {
    variant: Type.Optional(Name('Only this one; all when not said.')),
    reason: Type.Optional(Text({ maxLength: 500 })),
  },
  Strict,
);

export const ReportQuery = Type.Object(
  {
    version: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'One that ran before.' }),
    ),
  },
  Strict,
);
export const ExperimentReport = OpenObject({
  description:
    'People, split, metrics with fixed-horizon and always-valid intervals, guardrails, days, exploratory segments, verdicts with reasons, assumptions, and the snapshot of the data.',
});
export const PlanQuery = Type.Object(
  { days: Type.Optional(Type.Integer({ minimum: 1, maximum: 365, default: 14 })) },
  Strict,
);
