import { Type } from 'typebox';
import {
  Attributes,
  Id,
  ItemKind,
  Level,
  Limit,
  NullableText,
  OpenObject,
  Strict,
  Text,
  Time,
} from './words.ts';

export const Preferences = Type.Object(
  {
    hiddenCreators: Type.Optional(Type.Array(Id, { maxItems: 1000 })),
    hiddenTags: Type.Optional(Type.Array(Text({ minLength: 1, maxLength: 64 }), { maxItems: 1000 })),
    maxLevel: Type.Optional(Level),
    commercialUseOnly: Type.Optional(
      Type.Boolean({ description: 'Only models whose licence allows commercial use.' }),
    ),
    excludeFromTraining: Type.Optional(
      Type.Boolean({ description: 'The person’s events serve their own lists and train nothing.' }),
    ),
  },
  { ...Strict, examples: [{ hiddenTags: ['spiders'], maxLevel: 2 }] },
);

export const UserBody = Type.Object(
  {
    attributes: Type.Optional(Attributes),
    preferences: Type.Optional(Preferences),
  },
  { ...Strict, examples: [{ attributes: { country: 'NL' }, preferences: { maxLevel: 2 } }] },
);

export const User = Type.Object({
  id: Type.String(),
  stored: Type.Boolean({ description: 'False: known only because an event or an item named them.' }),
  attributes: OpenObject(),
  preferences: OpenObject(),
  createdAt: Time,
  counts: Type.Object({ events: Type.Integer(), items: Type.Integer(), lists: Type.Integer() }),
});

export const UsersQuery = Type.Object(
  { from: Type.Optional(Text({ maxLength: 256, default: '' })), limit: Type.Optional(Limit) },
  Strict,
);
export const UserList = Type.Object({
  users: Type.Array(
    Type.Object({
      id: Type.String(),
      changes: Type.Integer({ description: 'Events and changes of preferences so far.' }),
    }),
  ),
});

export const HistoryQuery = Type.Object(
  {
    before: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1e12, description: '`next` of the page before.' }),
    ),
    limit: Type.Optional({ ...Limit, default: 50 }),
  },
  Strict,
);
export const History = Type.Object({
  events: Type.Array(
    Type.Object({
      seq: Type.Integer({ description: 'Of the person’s changes.' }),
      type: Type.String(),
      occurredAt: Time,
      kind: ItemKind,
      id: Type.String(),
      title: Type.String({
        description: 'Empty, like `url`, where the item is gone or above the key’s level.',
      }),
      url: Type.String(),
      recommendationId: { ...NullableText, description: 'Of the list it happened on.' },
      position: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
    }),
  ),
  next: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
});

export const ErasureReceipt = Type.Object({
  userId: Type.String(),
  erasedAt: Time,
  found: Type.Boolean({ description: 'False: nothing was held of this person.' }),
  events: Type.Integer(),
  lists: Type.Integer(),
  pages: Type.Integer(),
  states: Type.Integer(),
  tastes: Type.Integer({ description: 'Descriptions of taste, with the person’s corrections.' }),
  itemsUnlinked: Type.Integer({ description: 'Items the person made: they stay, without a maker.' }),
  digest: Type.String({ description: 'SHA-256 of the receipt without it, as canonical JSON.' }),
});
