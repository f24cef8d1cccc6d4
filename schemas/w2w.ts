import { Type } from 'typebox';
import { JobFault } from './sidecar.ts';
import { BASE, SPACE_SPEC } from './training.ts';
import { Id, NullableText, OpenObject, Strict, Text, Time, words } from './words.ts';

const Count = Type.Integer({ minimum: 0 });
const ByReason = Type.Unsafe<Record<string, number>>({
  type: 'object',
  additionalProperties: { type: 'integer' },
});

/** Of a space, without what only this side knows: whose LoRAs may be in it, and where their files lie. */

export const NewSpace = Type.Object(
  {
    ...SPACE_SPEC,
    base: Type.Optional(BASE),
    models: Type.Optional(
      Type.Array(Id, {
        minItems: 1,
        maxItems: 100_000,
        uniqueItems: true,
        description: 'Ids of the LoRAs to take; absent = every one that has a file and may be in a space.',
      }),
    ),
  },
  { ...Strict, examples: [{ method: 'whole', dimensions: 500 }] },
);
export const SpacePath = Type.Object({ id: Text({ minLength: 1, maxLength: 100 }) }, Strict);
export const Space = Type.Object({
  id: { ...Type.String(), description: 'Also that of the training which builds it.' },
  state: words(['queued', 'running', 'failed', 'cancelled', 'ready', 'stale'], {
    description: 'stale: a LoRA in it lost the right to be; it makes no new edits.',
  }),
  spec: OpenObject(),
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  members: { ...Count, description: 'LoRAs that were given to it.' },
  leftOut: { ...ByReason, description: 'LoRAs that their rights kept out, by reason.' },
  artifact: NullableText,
  figures: Type.Union([OpenObject(), Type.Null()]),
  stale: Type.Union([Type.Object({ since: Time, because: ByReason }), Type.Null()]),
  error: Type.Union([JobFault, Type.Null()]),
  createdAt: Time,
});
export const SpaceList = Type.Object({ spaces: Type.Array(Space) });
