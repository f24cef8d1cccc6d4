import { type Static, Type } from 'typebox';
import { Id, ItemKind, NullableText, OpenObject, Strict, Text, words } from './words.ts';

/** Why an item waits for a person. */
export const REVIEW_STATES = ['held', 'disputed', 'reported', 'blocked'] as const;
const REPORT_REASONS = ['sexual', 'minor', 'real-person', 'violence', 'hate', 'illegal', 'other'] as const;

export const ModerationQuery = Type.Object(
  {
    state: Type.Optional(words(REVIEW_STATES)),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    after: Type.Optional(Text({ maxLength: 200, description: '`next` of the page before.' })),
  },
  Strict,
);

const CASE = {
  ...{ kind: ItemKind, id: Type.String() },
  review: Type.Integer({ description: 'Say it with the decision: another one since is a conflict.' }),
  state: words(REVIEW_STATES, { description: '`blocked`: by words for a child beside sexual ones.' }),
  since: NullableText,
  ...{ title: Type.String(), url: Type.String(), tags: Type.Array(Type.String()), prompt: Type.String() },
  creatorId: NullableText,
  declaredLevel: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
  level: Type.Integer({ description: 'In force: 0 held, 1 to 16, 32 blocked.' }),
  source: Type.String(),
  reasons: Type.Array(Type.String()),
  toxicity: Type.Unsafe<number | null>({ type: ['number', 'null'] }),
  toxicitySource: NullableText,
  evidence: Type.Unsafe<object | null>({
    ...{ type: ['object', 'null'], additionalProperties: true },
    description: 'Scores of the classifiers in force, by class.',
  }),
  fault: Type.Unsafe<object | null>({
    ...{ type: ['object', 'null'], additionalProperties: true },
    description: 'Why its picture could not be looked at.',
  }),
  reports: Type.Array(OpenObject(), { description: 'Since a moderator decided; not by whom.' }),
};
export const ModerationQueue = Type.Object({ items: Type.Array(Type.Object(CASE)), next: NullableText });
export const ModerationCase = Type.Object({
  ...CASE,
  history: Type.Array(OpenObject(), { description: 'Every decision of a moderator, oldest first.' }),
});

export const ModerationBody = Type.Object(
  {
    level: Type.Unsafe<1 | 2 | 4 | 8 | 16 | 32>({
      ...{ type: 'integer', enum: [1, 2, 4, 8, 16, 32] },
      description: 'Up to which level it may be shown; 32 blocks it.',
    }),
    review: Type.Integer({
      minimum: 0,
      maximum: 2 ** 31 - 2,
      description: 'Of the item as it was looked at.',
    }),
    note: Type.Optional(Text({ maxLength: 2_000 })),
    moderator: Type.Optional(
      Text({ maxLength: 200, description: 'Who decided, as the platform calls them.' }),
    ),
  },
  { ...Strict, examples: [{ level: 1, review: 0, note: 'A statue.', moderator: 'ada' }] },
);

export const ReportBody = Type.Object(
  {
    userId: Id,
    reason: words(REPORT_REASONS),
    note: Type.Optional(Text({ maxLength: 1_000 })),
  },
  { ...Strict, examples: [{ userId: 'user-7', reason: 'sexual' }] },
);
export type ReportBody = Static<typeof ReportBody>;
export const ReportAnswer = Type.Object({
  status: words(['taken', 'known'], { description: '`known`: this person has reported it before.' }),
});
