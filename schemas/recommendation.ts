import { Type } from 'typebox';
import {
  Id,
  ItemKind,
  KindWord,
  Level,
  Limit,
  NullableText,
  OpenObject,
  Strict,
  Tags,
  Text,
  TextByName,
  words,
} from './words.ts';

const Exclude = Type.Array(Id, { maxItems: 100, description: 'Ids to leave out.' });

export const UserPath = Type.Object({ id: Id }, Strict);

export const RecommendationsQuery = Type.Object(
  {
    kind: Type.Optional({ ...KindWord, default: 'images' }),
    limit: Type.Optional(Limit),
    cursor: Type.Optional(
      Text({
        minLength: 1,
        maxLength: 1024,
        description: '`nextCursor` of the page before. The list is fixed; only limit and maxLevel still act.',
      }),
    ),
    surface: Type.Optional(
      Text({
        minLength: 1,
        maxLength: 64,
        default: 'default',
        description: 'Where the list is shown; logged with it.',
      }),
    ),
    rerank: Type.Optional(
      words(['auto', 'off', 'wait'], {
        default: 'auto',
        description:
          '`auto` re-ranks by what is known of the person’s taste now; `wait` gives it up to RERANK_DEADLINE_MS.',
      }),
    ),
    maxLevel: Type.Optional({ ...Level, default: 1 }),
    exclude: Type.Optional(Exclude),
    tags: Type.Optional(Tags),
    trace: Type.Optional(Type.Boolean({ default: false, description: 'Adds the trace of the pipeline.' })),
  },
  Strict,
);

export const Explanation = Type.Object({
  text: Type.String(),
  source: words(['history', 'attributes', 'vlm', 'popular']),
  evidence: Type.Array(Type.String(), { description: 'Ids of the person’s own history, nothing else.' }),
});

export const PageItem = Type.Object({
  id: Type.String(),
  kind: ItemKind,
  title: Type.String(),
  url: Type.String(),
  position: Type.Integer({ description: 'In the list, from 0.' }),
  score: Type.Number(),
  sources: Type.Array(Type.String()),
  explanation: Explanation,
});

export const Degraded = Type.Array(Type.Object({ stage: Type.String(), code: Type.String() }), {
  description: 'Stages that did not contribute; empty when the answer is whole.',
});

export const Page = Type.Object(
  {
    recommendationId: Type.String({ description: 'Send it back with events.' }),
    items: Type.Array(PageItem),
    variant: Type.String(),
    degraded: Degraded,
    versions: TextByName,
    nextCursor: NullableText,
    trace: Type.Optional(OpenObject({ description: 'Only when asked for.' })),
  },
  {
    examples: [
      {
        recommendationId: '0198c5a4-7c11-7bb0-9d0e-3a3c4b1f2d77',
        items: [
          {
            id: 'image-12',
            kind: 'image',
            title: 'Harbour at dusk',
            url: '/pictures/image-12',
            position: 0,
            score: 1.73,
            sources: ['similar', 'taste'],
            explanation: { text: 'Because you liked “Pier”', source: 'history', evidence: ['image-3'] },
          },
        ],
        variant: 'default',
        degraded: [],
        versions: { blend: '1' },
        nextCursor: null,
      },
    ],
  },
);

/** Answer of `similar` and `search`: not stored, hence no cursor. */
export const ItemList = Type.Object({ items: Type.Array(PageItem), degraded: Degraded });

export const SimilarQuery = Type.Object(
  {
    limit: Type.Optional(Limit),
    maxLevel: Type.Optional({ ...Level, default: 1 }),
    exclude: Type.Optional(Exclude),
    tags: Type.Optional(Tags),
    userId: Type.Optional({ ...Id, description: 'Leaves out what this person hid.' }),
  },
  Strict,
);

export const SearchBody = Type.Object(
  {
    text: Text({ minLength: 1, maxLength: 1000 }),
    kind: Type.Optional({ ...KindWord, default: 'images' }),
    limit: Type.Optional(Limit),
    maxLevel: Type.Optional({ ...Level, default: 1 }),
    exclude: Type.Optional(Exclude),
    tags: Type.Optional(Tags),
    userId: Type.Optional({ ...Id, description: 'Leaves out what this person hid.' }),
  },
  { ...Strict, examples: [{ text: 'watercolour harbour at dusk', limit: 5 }] },
);
