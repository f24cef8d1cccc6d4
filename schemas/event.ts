import { Type } from 'typebox';
import { Id, ItemKind, orAnything, Strict, Time, words } from './words.ts';

export const Event = Type.Object(
  {
    eventId: {
      ...Id,
      description: 'Makes the event idempotent: the same id with the same content counts once.',
    },
    userId: Id,
    itemKind: ItemKind,
    itemId: Id,
    type: words([
      'view',
      'click',
      'generate',
      'download',
      'like',
      'heart',
      'laugh',
      'cry',
      'dislike',
      'hide',
    ]),
    occurredAt: { ...Time, description: 'At most 24 hours ahead.' },
    recommendationId: Type.Optional(Type.String({ format: 'uuid' })),
    position: Type.Optional(Type.Integer({ minimum: 0, maximum: 9999 })),
  },
  Strict,
);

/** What OpenAPI shows. */
export const EventBatch = Type.Object(
  { events: Type.Array(orAnything(Event), { minItems: 1, maxItems: 1000 }) },
  {
    ...Strict,
    examples: [
      {
        events: [
          {
            eventId: 'e-1',
            userId: 'user-7',
            itemKind: 'image',
            itemId: 'image-12',
            type: 'like',
            occurredAt: '2026-01-01T12:00:00Z',
          },
        ],
      },
    ],
  },
);

/** What the route insists on: each event is judged alone, so that one bad one does not fail the rest. */
export const EventBatchEnvelope = Type.Object(
  { events: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 1000 }) },
  Strict,
);

export const EventResults = Type.Object({
  results: Type.Array(
    Type.Object({
      eventId: Type.String({ description: 'Empty when the event had no usable id.' }),
      status: words(['accepted', 'duplicate', 'conflict', 'rejected']),
      code: Type.Optional(Type.String()),
    }),
    { description: 'One an event, in order.' },
  ),
});
