import { Type } from 'typebox';
import { Attributes, Id, ItemKind, KindWord, orAnything, Strict, Text, Time, words } from './words.ts';

export const ItemPath = Type.Object({ kind: KindWord, id: Id }, Strict);

const FIELDS = {
  title: Type.Optional(Text({ maxLength: 512 })),
  url: Type.Optional(Text({ maxLength: 2048 })),
  creatorId: Type.Optional(Id),
  tags: Type.Optional(Type.Array(Text({ minLength: 1, maxLength: 64 }), { maxItems: 100 })),
  prompt: Type.Optional(Text({ maxLength: 20_000 })),
  negativePrompt: Type.Optional(Text({ maxLength: 20_000 })),
  description: Type.Optional(Text({ maxLength: 100_000 })),
  browsingLevel: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 63,
      description: 'Flags: 1 PG, 2 PG13, 4 R, 8 X, 16 XXX, 32 blocked. Absent = unknown = held back.',
    }),
  ),
  minor: Type.Optional(Type.Boolean()),
  poi: Type.Optional(Type.Boolean({ description: 'Shows a real person.' })),
  toxicity: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, description: 'Probability that the text is unsafe, if measured.' }),
  ),
  availability: Type.Optional(words(['public', 'private'])),
  licence: Type.Optional(
    Type.Object(
      {
        commercialUse: Type.Optional(Type.Boolean()),
        derivatives: Type.Optional(Type.Boolean()),
        noCredit: Type.Optional(Type.Boolean()),
      },
      Strict,
    ),
  ),
  role: Type.Optional(words(['showcase', 'historical'])),
  phash: Type.Optional(Type.String({ pattern: '^[0-9a-fA-F]{16}$', description: '64-bit perceptual hash.' })),
  vector: Type.Optional(
    Type.Array(Type.Number(), {
      maxItems: 4096,
      description: 'Content vector, CONTENT_DIMS numbers, not all zero.',
    }),
  ),
  vectorSource: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9][a-z0-9@/._-]{0,127}$',
      description: 'Id of the encoder that made the vector (see versions.clip of doctor); absent = declared.',
    }),
  ),
  modelIds: Type.Optional(
    Type.Array(Id, { maxItems: 200, description: 'Model versions an image was made with.' }),
  ),
  createdAt: Type.Optional(Time),
  attributes: Type.Optional(Attributes),
};

export const ItemBody = Type.Object(FIELDS, {
  ...Strict,
  examples: [
    {
      title: 'Harbour at dusk',
      url: 'https://example.org/i/12.webp',
      creatorId: 'ada',
      tags: ['harbour', 'watercolour'],
      prompt: 'a watercolour of a harbour at dusk',
      browsingLevel: 1,
    },
  ],
});

/** One line of the NDJSON bulk route. */
export const ItemLine = Type.Object({ kind: ItemKind, id: Id, ...FIELDS }, Strict);

/** The JSON form of the bulk route; elements are judged one by one. */
export const ItemBatchEnvelope = Type.Object(
  { items: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 1000 }) },
  Strict,
);
export const ItemBatch = Type.Object(
  { items: Type.Array(orAnything(ItemLine), { minItems: 1, maxItems: 1000 }) },
  {
    ...Strict,
    examples: [{ items: [{ kind: 'image', id: 'image-12', title: 'Harbour', browsingLevel: 1 }] }],
  },
);

export const PutItemAnswer = Type.Object({
  kind: ItemKind,
  id: Type.String(),
  status: words(['created', 'updated', 'unchanged']),
});

/** The item as Hamlet holds it, with what it concluded about its safety. */
export const StoredItem = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  required: ['kind', 'id'],
  properties: { kind: { type: 'string', enum: ['image', 'model'] }, id: { type: 'string' } },
  additionalProperties: true,
});

export const BulkAnswer = Type.Object({
  lines: Type.Integer(),
  created: Type.Integer(),
  updated: Type.Integer(),
  unchanged: Type.Integer(),
  rejected: Type.Integer(),
  failures: Type.Array(
    Type.Object({
      line: Type.Integer({ description: 'From 1; in a JSON body, the place in the list.' }),
      code: Type.String(),
      pointer: Type.Optional(Type.String()),
      detail: Type.Optional(Type.String()),
    }),
    { description: 'The first 1,000 lines that were rejected.' },
  ),
});
