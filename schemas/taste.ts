import { Type } from 'typebox';
import { NullableText, Strict, Text, words } from './words.ts';

const Phrases = (description: string) =>
  Type.Array(Text({ minLength: 1, maxLength: 80 }), { maxItems: 12, description });

export const TasteBody = Type.Object(
  {
    preferences: Type.Array(
      Type.Object(
        {
          text: Text({ minLength: 1, maxLength: 500 }),
          likes: Type.Optional(Phrases('What pictures should show; by default what the text names.')),
          avoids: Type.Optional(Phrases('What they should not show.')),
        },
        Strict,
      ),
      { minItems: 1, maxItems: 8 },
    ),
  },
  { ...Strict, examples: [{ preferences: [{ text: 'Quiet watercolours of boats', avoids: ['neon'] }] }] },
);

export const Taste = Type.Object({
  userId: Type.String(),
  source: words(['none', 'attributes', 'vlm', 'person'], {
    description: 'Who describes: attributes that CLIP sees, a vision-language model, or the person.',
  }),
  preferences: Type.Array(
    Type.Object({
      id: Type.String(),
      text: Type.String(),
      likes: Type.Array(Type.String()),
      avoids: Type.Array(Type.String()),
      evidence: Type.Array(Type.String(), { description: 'Ids of the person’s own liked pictures.' }),
    }),
  ),
  describedAt: { ...NullableText, description: 'When the machine last described it.' },
  correctedAt: { ...NullableText, description: 'When the person last corrected it.' },
});
