import { type TSchema, Type } from 'typebox';
import { Figures, JOB_STATES, JobFault } from './sidecar.ts';
import { Attributes, NullableText, OpenObject, Strict, Text, Time, words } from './words.ts';

/** For specs: `latest` becomes, when the training begins, the digest of the snapshot it is given. */
export const Snapshot = Type.String({ pattern: '^(latest|[0-9a-f]{64})$' });

const Path = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$',
  maxLength: 300,
  description: 'A folder or file under the artifacts.',
});
const Pixels = Type.String({
  pattern: '^pixels-[0-9a-f]{32}$',
  description: 'Folder of squares of pixels under the artifacts.',
});
const Count = Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 }));
const Batch = Type.Optional(Type.Integer({ minimum: 1, maximum: 4096 }));
const Part = Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 }));
const Rate = Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 }));
const Seed = Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }));
const Scale = Type.Optional(words(['tiny', 'test'], { description: '`test` is trained in seconds.' }));

const choice = (...names: string[]) => Type.Optional(words(names));
const share = (most = 1) => Type.Optional(Type.Number({ minimum: 0, maximum: most }));
const count = (minimum: number, maximum: number) => Type.Optional(Type.Integer({ minimum, maximum }));

const Until = Type.Optional(
  Type.Number({
    ...{ minimum: 0, maximum: 8.64e15 },
    description:
      'Of a snapshot: nothing that happened then or later is learned from. Milliseconds since 1970.',
  }),
);

/** Of `snapshot` and `sequences` it has one. Defaults and reasons are in sidecar/hamlet_sidecar/sequence/spec.py. */
const Sasrec = Type.Object(
  {
    ...{ snapshot: Type.Optional(Snapshot), sequences: Type.Optional(Path), start: Type.Optional(Path) },
    ...{ items: choice('image', 'model'), minStrength: share(), withheld: count(1, 2) },
    until: Until,
    ...{ d: count(4, 1024), blocks: count(1, 16), heads: count(1, 32), length: count(2, 1000) },
    ...{ dropout: share(0.9), position: choice('rope', 'learned', 'none') },
    ...{ distanceBias: Type.Optional(Type.Boolean()), gated: Type.Optional(Type.Boolean()) },
    ...{ loss: choice('full', 'sampled'), negatives: count(1, 100_000), labelSmoothing: share(0.9) },
    ...{
      similarity: choice('dot', 'cosine'),
      temperature: Type.Optional(Type.Number({ minimum: 0.01, maximum: 10 })),
    },
    ...{ smoothing: share(), subsequence: share(), subsequenceAfter: count(0, 10_000) },
    ...{ batch: Batch, learningRate: Rate, weightDecay: share(), warmup: Count },
    schedule: choice('constant', 'linear'),
    ...{ average: share(0.99999), epochs: count(1, 10_000), patience: count(1, 10_000), seed: Seed },
    ...{ precision: choice('bf16', 'f32') },
  },
  Strict,
);

const power = Type.Optional(Type.Number({ minimum: -4, maximum: 4 }));

/** Of `snapshot` and `interactions` it has one. Defaults and reasons are in sidecar/hamlet_sidecar/towers/spec.py. */
const TwoTower = Type.Object(
  {
    ...{ snapshot: Type.Optional(Snapshot), interactions: Type.Optional(Path) },
    ...{ items: choice('image', 'model'), minStrength: share(), until: Until },
    of: choice('ids', 'content'),
    histories: choice('own', 'all'),
    ...{ landmarks: count(1, 5000), tagShare: share(), halfLife: count(1, 100_000) },
    kernelWidth: Type.Optional(Type.Number({ minimum: 0.01, maximum: 10 })),
    ridge: Type.Optional(Type.Number({ minimum: 1e-9, maximum: 1000 })),
    ...{ d: count(4, 1024), length: count(1, 1000), layer: count(0, 4096) },
    initial: choice('spectral', 'random'),
    ...{ filter: power, historyDegree: power, itemDegree: power },
    ...{ hidden: share(0.99), targets: count(1, 1000), idDropout: share(0.99) },
    ...{ similarity: choice('cosine', 'dot'), negatives: count(0, 100_000), weightOfMany: share() },
    temperature: Type.Optional(Type.Number({ minimum: 0.01, maximum: 10 })),
    ...{ batch: Batch, learningRate: Rate, weightDecay: share(), warmup: Count, average: share(0.99999) },
    ...{
      epochs: count(0, 10_000),
      patience: count(1, 10_000),
      validation: share(0.9),
      judged: count(1, 1e6),
    },
    ...{ precision: choice('bf16', 'f32'), seed: Seed },
    ...{ visionBlocks: count(0, 48), visionInitial: choice('clip', 'random') },
    ...{ visionSample: count(1, 100_000), visionRate: Rate },
    clip: Type.Optional({ ...Path, description: 'Of a CLIP model; the api names it, and `pixels`.' }),
    pixels: Type.Optional(Type.Array(Pixels, { maxItems: 10_000 })),
  },
  Strict,
);

/** How a space of LoRA weights is made. Defaults and reasons are in sidecar/hamlet_sidecar/w2w/build_job.py. */
export const SPACE_SPEC = {
  method: Type.Optional(
    words(['whole', 'svd', 'attn_v', 'attn_qv', 'ff'], {
      description:
        'whole: of all that LoRAs change; svd: of each layer’s k strongest components; the rest: of those layers alone.',
      default: 'whole',
    }),
  ),
  ...{ k: count(1, 64), dimensions: count(1, 2000) },
  ...{ presence: share(), signs: Type.Optional(words(['canonical', 'raw'])), seed: Seed },
};
export const BASE = {
  ...Path,
  description:
    'A folder under the artifacts, the id of a model on the hub, or sd15 for its layers alone; absent = what ships.',
};
const W2wSpace = Type.Object(
  {
    members: { ...Path, description: 'A JSON list of {id, file, lineage}, files under the artifacts.' },
    ...{ base: BASE, ...SPACE_SPEC },
  },
  Strict,
);

/** LoRAs may be moved so many units, each one standard deviation of what is seen in the data. */
export const MOST_ALPHA = 10;
export const MOST_RANK = 320;
const W2wSource = Type.Object({ lora: Text({ minLength: 1, maxLength: 200 }), file: Path }, Strict);

const W2wDirection = Type.Object(
  {
    space: Path,
    name: Text({ minLength: 1, maxLength: 200 }),
    labels: { ...Path, description: 'JSON: LoRA to whether it has it.' },
    others: Type.Optional(Type.Array(Path, { maxItems: 50, description: 'Directions to compare it with.' })),
  },
  Strict,
);

const W2wEdit = Type.Object(
  {
    space: Path,
    base: Type.Union([Type.Literal('mean'), W2wSource]),
    directions: Type.Array(
      Type.Object(
        { artifact: Path, alpha: Type.Number({ minimum: -MOST_ALPHA, maximum: MOST_ALPHA }) },
        Strict,
      ),
      { maxItems: 10 },
    ),
    orthogonal: Type.Optional(Type.Boolean()),
    rank: count(1, MOST_RANK),
    towards: Type.Optional(
      Type.Object(
        { ...W2wSource.properties, share: Type.Number({ minimum: 0, maximum: 1 }) },
        { ...Strict, description: 'Interpolation: another LoRA, and how much of the way to it.' },
      ),
    ),
    model: { ...Path, description: 'Folder of the base model.' },
    format: choice('diffusers', 'kohya'),
    preview: Type.Optional(
      Type.Object(
        {
          prompts: Type.Array(Text({ minLength: 1, maxLength: 500 }), { minItems: 1, maxItems: 16 }),
          ...{ seed: Seed, steps: count(1, 100) },
        },
        Strict,
      ),
    ),
  },
  Strict,
);

const ADAPTER_LAYERS = ['attention', 'attention+feedforward'];

/** A scorer of pictures; `weights` and `clip` are what it needs of the artifacts. */
const Scorer = Type.Object(
  {
    name: words(['preference', 'taste', 'clip-score', 'pickscore', 'hpsv2.0', 'hpsv2.1']),
    ...{ weights: Type.Optional(Path), clip: Type.Optional(Path) },
  },
  Strict,
);

/** Defaults and reasons are in sidecar/hamlet_sidecar/dpo/spec.py. */
const DPO_RECIPE = {
  ...{ recipe: choice('tiny', 'published'), rank: count(1, 256), layers: choice(...ADAPTER_LAYERS) },
  ...{ beta: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e6 })), learningRate: Rate },
  ...{ steps: Count, batch: count(1, 256), accumulate: count(1, 256), warmup: count(1, 10_000) },
  ...{ flips: Type.Optional(Type.Boolean()), decay: share() },
  anchor: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
  strengths: Type.Optional(
    Type.Array(Type.Number({ exclusiveMinimum: 0, maximum: 1 }), { minItems: 1, maxItems: 10 }),
  ),
  ...{ strengthLooks: count(2, 1000), pool: count(0, 1000), precision: choice('f32', 'bf16', 'fp16') },
  ...{ checkpointing: Type.Optional(Type.Boolean()), evaluateEvery: Count, looks: count(1, 1000) },
  ...{ verdict: count(1, 10_000), side: count(64, 1024), samplerSteps: count(1, 200), seed: Seed },
  guidance: Type.Optional(Type.Number({ minimum: 1, maximum: 30 })),
};
const DPO_TABLES = ['sources', 'users', 'recipes'];
export const PAIR_SOURCES = ['hps-min-max', 'implicit', 'user', 'crowd', 'both'] as const;

/**
 * What may be asked of a sidecar: a spec for each kind of training, checked by the api when it is asked for
 * and by the sidecar before it runs. A kind that reads a snapshot has `snapshot: Snapshot` in its spec.
 */
export const TRAININGS: Record<string, TSchema> = {
  'build-w2w-space': W2wSpace,
  'edit-w2w-lora': W2wEdit,
  'learn-w2w-direction': W2wDirection,
  'classify-images': Type.Object({ pixels: Pixels }, Strict),
  'dpo-report': Type.Object(
    {
      ...{ renders: Path, diffusion: Path, classifier: Path, clip: Path, pairs: count(20, 1000) },
      topics: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 12 })),
      only: Type.Optional(Type.Array(words(DPO_TABLES), { minItems: 1, uniqueItems: true })),
      ...{ trainings: count(1, 20), ...DPO_RECIPE },
    },
    Strict,
  ),
  'embed-images': Type.Object(
    {
      pixels: Pixels,
      model: Type.String({
        pattern: '^clip-[a-z0-9-]{1,90}$',
        description: 'Folder of a CLIP model under the artifacts.',
      }),
    },
    Strict,
  ),
  'make-dpo-pairs': Type.Object(
    {
      pool: Type.Union([Type.Literal('latest'), Path]),
      ...{ source: words(PAIR_SOURCES), clip: Path, scorer: Type.Optional(Scorer) },
      user: Type.Optional(Type.Integer({ minimum: 1, description: 'Their number, not their id.' })),
      topic: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
      ...{ count: count(20, 100_000), clusterOf: choice('opening', 'prompt') },
      ...{ side: count(64, 1024), seed: Seed },
    },
    Strict,
  ),
  'train-clip': Type.Object(
    {
      ...{ renders: Path, start: Type.Optional(Path) },
      ...{ scale: Scale, steps: Count, batch: Batch, learningRate: Rate, seed: Seed },
      ...{ naming: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })) },
      ...{ blur: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })) },
    },
    Strict,
  ),
  'train-classifier': Type.Object(
    { renders: Path, heldout: Path, steps: Count, batch: Batch, learningRate: Rate, seed: Seed },
    Strict,
  ),
  'train-diffusion': Type.Object(
    {
      ...{ renders: Path, start: Type.Optional(Path), scale: Scale, seed: Seed },
      ...{ vaeSteps: Count, unetSteps: Count, batch: Batch },
    },
    Strict,
  ),
  'train-dpo': Type.Object(
    {
      ...{ pairs: Path, diffusion: Path, clip: Path, scorer: Scorer },
      judges: Type.Optional(Type.Array(Scorer, { maxItems: 5 })),
      ...DPO_RECIPE,
    },
    Strict,
  ),
  'train-preference': Type.Object(
    { renders: Path, clip: Path, truth: Path, pairs: count(100, 100_000), seed: Seed },
    Strict,
  ),
  'train-ranker': Type.Object(
    {
      impressions: Type.Union([Type.Literal('latest'), Path]),
      ...{
        items: choice('image', 'model'),
        model: choice('chosen', 'blend', 'linear', 'crossed', 'network'),
        seed: Seed,
      },
    },
    Strict,
  ),
  'train-sasrec': Sasrec,
  'train-two-tower': TwoTower,
  'train-lora-zoo': Type.Object(
    { renders: Path, diffusion: Path, classifier: Path, plan: Path, part: Part, parts: Part },
    Strict,
  ),
};

export const NewTraining = Type.Object(
  {
    kind: Text({ minLength: 1, maxLength: 100 }),
    spec: { ...Attributes, description: 'What this kind of training asks for.' },
  },
  { ...Strict, examples: [{ kind: 'train-clip', spec: { renders: 'renders' } }] },
);
export const TrainingPath = Type.Object({ id: Text({ minLength: 1, maxLength: 100 }) }, Strict);
export const Training = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  spec: OpenObject(),
  dataset: { ...NullableText, description: 'Digest of the snapshot it sees.' },
  state: words(JOB_STATES),
  attempt: Type.Integer({
    description: 'Rises when a sidecar lost it: each goes on from the last checkpoint.',
  }),
  sidecar: { ...NullableText, description: 'Where the attempt runs.' },
  cancelRequested: Type.Boolean(),
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  metrics: Figures,
  log: Type.Array(Type.String(), { description: 'The last lines.' }),
  result: Type.Union([OpenObject(), Type.Null()]),
  error: Type.Union([JobFault, Type.Null()]),
  createdAt: Time,
  startedAt: NullableText,
  finishedAt: NullableText,
});
export const TrainingList = Type.Object({ trainings: Type.Array(Training) });
