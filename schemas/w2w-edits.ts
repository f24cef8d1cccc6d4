import { Type } from 'typebox';
import { JobFault } from './sidecar.ts';
import { MOST_ALPHA, MOST_RANK } from './training.ts';
import { Id, NullableText, OpenObject, Strict, Text, Time, words } from './words.ts';

export const DerivedPath = Type.Object({ id: Text({ minLength: 1, maxLength: 100 }) }, Strict);
const SpaceId = { ...Text({ minLength: 1, maxLength: 100 }), description: 'Of a space that is ready.' };
const Seed = Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }));

const LabelledBy = Type.Union([
  Type.Object(
    { tag: Text({ minLength: 1, maxLength: 64 }) },
    { ...Strict, description: 'LoRAs whose card has the tag have it.' },
  ),
  Type.Object(
    { text: Text({ minLength: 1, maxLength: 500 }) },
    { ...Strict, description: 'CLIP says whose showcases look like it.' },
  ),
  Type.Object(
    {
      loras: Type.Unsafe<Record<string, boolean>>({
        type: 'object',
        additionalProperties: { type: 'boolean' },
      }),
    },
    { ...Strict, description: 'Yours: id of a LoRA to whether it has it.' },
  ),
]);

export const NewDirection = Type.Object(
  { space: SpaceId, name: Text({ minLength: 1, maxLength: 200 }), labels: LabelledBy },
  {
    ...Strict,
    examples: [
      { space: '00000000-0000-0000-0000-000000000000', name: 'watercolour', labels: { tag: 'watercolour' } },
    ],
  },
);

const derived = {
  id: { ...Type.String(), description: 'Also that of the training which makes it.' },
  spaceId: Type.String(),
  state: words(['queued', 'running', 'failed', 'cancelled', 'ready', 'stale'], {
    description: 'stale: something it was made of may not be used any more.',
  }),
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  artifact: NullableText,
  error: Type.Union([JobFault, Type.Null()]),
  createdAt: Time,
};
export const Direction = Type.Object({
  ...derived,
  name: Type.String(),
  labelledBy: OpenObject(),
  result: Type.Union([OpenObject(), Type.Null()], {
    description: 'Cross-validated figures, those of permuted labels, and cosines with earlier directions.',
  }),
});
export const DirectionList = Type.Object({ directions: Type.Array(Direction) });

export const NewEdit = Type.Object(
  {
    space: SpaceId,
    base: { ...Id, description: '`mean`, or the id of a LoRA.' },
    directions: Type.Array(
      Type.Object(
        {
          id: Text({ minLength: 1, maxLength: 100 }),
          alpha: Type.Number({
            minimum: -MOST_ALPHA,
            maximum: MOST_ALPHA,
            description: '1 is one standard deviation of the labelled LoRAs.',
          }),
        },
        Strict,
      ),
      { maxItems: 10 },
    ),
    orthogonal: Type.Optional(
      Type.Boolean({ description: 'Each direction without what the others say.', default: false }),
    ),
    rank: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_RANK,
        default: 32,
        description: 'Of the change in each layer at most, by its strongest components.',
      }),
    ),
    towards: Type.Optional(
      Type.Object(
        { lora: Id, share: Type.Number({ minimum: 0, maximum: 1 }) },
        { ...Strict, description: 'Part of the way to another LoRA.' },
      ),
    ),
    format: Type.Optional(words(['diffusers', 'kohya'])),
    preview: Type.Optional(
      Type.Object(
        {
          prompts: Type.Array(Text({ minLength: 1, maxLength: 500 }), { minItems: 1, maxItems: 16 }),
          ...{ seed: Seed, steps: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) },
        },
        Strict,
      ),
    ),
  },
  {
    ...Strict,
    examples: [
      {
        ...{ space: '00000000-0000-0000-0000-000000000000', base: 'mean' },
        directions: [{ id: '00000000-0000-0000-0000-000000000000', alpha: 1 }],
        preview: { prompts: ['a lighthouse on a cliff'] },
      },
    ],
  },
);
export const Edit = Type.Object({
  ...derived,
  wish: OpenObject(),
  result: Type.Union([OpenObject(), Type.Null()], {
    description: 'Base model, space, directions with the range of α that LoRAs show, nearest real LoRAs.',
  }),
});
export const EditList = Type.Object({ edits: Type.Array(Edit) });

export const NewPersonalization = Type.Object(
  { userId: Id, space: Type.Optional(SpaceId) },
  { ...Strict, examples: [{ userId: 'user-7' }] },
);
export const Personalization = Type.Object({
  ...{ id: Type.String(), userId: Type.String(), spaceId: Type.String() },
  state: words(['queued', 'running', 'failed', 'cancelled', 'done', 'stale']),
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  steps: { ...OpenObject(), description: 'What each step found: taste, labels, directions, edits, verdict.' },
  error: Type.Union([JobFault, Type.Null()]),
  createdAt: Time,
  finishedAt: NullableText,
});
export const PersonalizationList = Type.Object({ personalizations: Type.Array(Personalization) });
