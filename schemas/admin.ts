import { Type } from 'typebox';
import { SidecarHealth } from './sidecar.ts';
import { ItemKind, Level, NullableText, OpenObject, Strict, Text, Time, words } from './words.ts';

const Scopes = Type.Array(words(['serve', 'ingest', 'report', 'admin']), { minItems: 1, maxItems: 4 });

export const NewKey = Type.Object(
  {
    name: Text({ minLength: 1, maxLength: 200, pattern: '^[^\\x00\\s][^\\x00]*$' }),
    scopes: Scopes,
    maxLevel: Type.Optional({ ...Level, default: 1 }),
  },
  { ...Strict, examples: [{ name: 'website', scopes: ['serve', 'ingest'], maxLevel: 4 }] },
);

const KEY = {
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  maxLevel: Type.Integer(),
};
export const OwnKey = Type.Object({ scopes: Type.Array(Type.String()), maxLevel: Type.Integer() });
export const CreatedKey = Type.Object({
  ...KEY,
  token: Type.String({ description: 'Shown this once; only its hash is kept.' }),
});
export const KeyList = Type.Object({
  keys: Type.Array(Type.Object({ ...KEY, createdAt: NullableText, revokedAt: NullableText })),
});
export const KeyPath = Type.Object({ id: Type.String({ format: 'uuid' }) }, Strict);

export const ArtifactPath = Type.Object(
  {
    kind: Text({ minLength: 1, maxLength: 100, examples: ['item-graph-image'] }),
    version: Text({ minLength: 1, maxLength: 200 }),
  },
  Strict,
);
export const ArtifactKindPath = Type.Object({ kind: ArtifactPath.properties.kind }, Strict);
export const Artifact = Type.Object({
  kind: Type.String(),
  version: Type.String(),
  state: words(['candidate', 'active', 'retired', 'rejected']),
  metrics: OpenObject(),
  createdAt: NullableText,
  promotedAt: NullableText,
});
export const ArtifactList = Type.Object({ models: Type.Array(Artifact) });
export const NewArtifact = Type.Object(
  {
    folder: Text({
      minLength: 1,
      maxLength: 201,
      description: 'Its name in HAMLET_HOME/artifacts: KIND-VERSION.',
    }),
  },
  { ...Strict, examples: [{ folder: 'clip-v1' }] },
);
export const ArtifactInForce = Type.Object({ kind: Type.String(), version: Type.String() });
export const ArtifactRolledBackTo = Type.Object({ kind: Type.String(), version: NullableText });

export const HeldBackQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    after: Type.Optional(
      Text({
        maxLength: 512,
        pattern: '^(?:image|model):[^\\x00]+$',
        description: '`next` of the page before.',
      }),
    ),
  },
  Strict,
);
export const HeldBack = Type.Object({
  items: Type.Array(Type.Object({ kind: ItemKind, id: Type.String(), reason: Type.String() })),
  next: NullableText,
});

export const EmbeddingsQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })) },
  Strict,
);
export const Embeddings = Type.Object({
  encoder: { ...NullableText, description: 'The CLIP model in force; null without one.' },
  problem: { ...NullableText, description: 'Why the configured CLIP model is not in force: a code.' },
  space: words(['text', 'clip'], { description: 'Where content is compared now.' }),
  vectors: Type.Object({ declared: Type.Integer(), measured: Type.Integer(), missing: Type.Integer() }),
  failures: Type.Unsafe<Record<string, number>>({
    ...{ type: 'object', additionalProperties: { type: 'integer' } },
    description: 'Pictures that could not be read, by code.',
  }),
  latest: Type.Array(
    Type.Object({
      ...{ kind: ItemKind, id: Type.String(), code: Type.String(), reason: Type.String() },
      attempts: Type.Integer(),
      retryAt: {
        ...NullableText,
        description: 'Null: not by itself, but by another picture or `hamlet embed`.',
      },
    }),
    { description: 'The latest failures.' },
  ),
});

export const Work = Type.Object({
  task: words(['reindex', 'sweep']),
  kind: ItemKind,
  state: words(['running', 'done', 'failed']),
  startedAt: Time,
  finishedAt: NullableText,
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  result: Type.Optional(OpenObject()),
  error: Type.Optional(Type.String()),
});
export const WorkList = Type.Object({ tasks: Type.Array(Work) });

export const PartStates = Type.Object({
  sidecars: Type.Array(
    Type.Object({
      address: Type.String(),
      health: Type.Union([SidecarHealth, Type.Null()]),
      code: { ...NullableText, description: 'What is wrong with it.' },
    }),
    { description: 'Empty: none is configured (SIDECAR_URL).' },
  ),
  outbox: Type.Array(
    Type.Object({
      collection: Type.String(),
      versions: Type.Number({ description: 'Changes of the catalogue it has yet to be told of.' }),
    }),
  ),
});

export const EvaluationList = Type.Object({
  evaluations: Type.Array(
    Type.Object({
      id: Type.String(),
      measured: Type.String(),
      dataset: OpenObject(),
      protocol: OpenObject(),
      recommenders: OpenObject({
        description:
          'By name: HR, NDCG, Recall and MRR with 95 % intervals, the same by segment, the lead over the baseline, coverage, novelty, diversity, Gini, seconds.',
      }),
      artifacts: Type.Optional(Type.Array(OpenObject())),
    }),
  ),
});
