import { type Static, Type } from 'typebox';
import { PipelineOverrides } from './experiment.ts';
import { ItemKind, OpenObject, Strict, Text } from './words.ts';

const Target = Type.Object(
  {
    temperature: Type.Optional(
      Type.Number({
        minimum: 0.001,
        maximum: 100,
        description: 'Of the draw, in deviations of the scores; near 0 is the order by score.',
      }),
    ),
    boost: Type.Optional(
      Type.Unsafe<Record<string, number>>({
        type: 'object',
        propertyNames: { type: 'string', pattern: '^[a-z-]{1,64}$' },
        maxProperties: 16,
        additionalProperties: { type: 'number', minimum: 0, maximum: 1000 },
        description: 'Factors on scores by source.',
      }),
    ),
    overrides: Type.Optional({
      ...PipelineOverrides,
      description:
        'As a variant has them. Only `drawTemperature` can be judged; whatever would have made another list is refused.',
    }),
  },
  Strict,
);

export const OffPolicyBody = Type.Object(
  {
    target: Target,
    kind: Type.Optional({ ...ItemKind, default: 'image' }),
    variant: Type.Optional(
      Text({ minLength: 1, maxLength: 200, default: 'default', description: 'Whose lists, as logged.' }),
    ),
    days: Type.Optional(Type.Integer({ minimum: 1, maximum: 365, default: 28 })),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 2000, default: 500, description: 'Lists at most, the newest.' }),
    ),
  },
  { ...Strict, examples: [{ target: { temperature: 0.5 } }] },
);
export type OffPolicyBody = Static<typeof OffPolicyBody>;

export const OffPolicyAnswer = OpenObject({
  description:
    'Clicks a first page under the policy that drew the lists and under the target, by IPS, SNIPS, doubly robust and examination-weighted IPS, with 95 % intervals and how many lists that is worth.',
});
