import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';
import { items } from './schema.ts';

/** Pictures that are looked at, and what came of it, as drizzle sees the tables. */
const time = (name: string) => timestamp(name, { withTimezone: true });

/** Pictures that are being looked at, or could not be. */
const attempts = (name: string) =>
  pgTable(
    name,
    {
      itemRef: integer('item_ref')
        .primaryKey()
        .references(() => items.ref, { onDelete: 'cascade' }),
      picture: text('picture').notNull(),
      encoder: text('encoder').notNull(),
      attempts: smallint('attempts').notNull().default(0),
      code: text('code'),
      reason: text('reason'),
      retryAt: time('retry_at').notNull(),
      updatedAt: time('updated_at').notNull().defaultNow(),
    },
    (t) => [index(`${name}_due`).on(t.retryAt)],
  );
export const embeddingAttempts = attempts('embedding_attempts');
export const classificationAttempts = attempts('classification_attempts');

export const itemEvidence = pgTable(
  'item_evidence',
  {
    itemRef: integer('item_ref')
      .notNull()
      .references(() => items.ref, { onDelete: 'cascade' }),
    judge: text('judge').notNull(),
    inForce: boolean('in_force').notNull(),
    scores: jsonb('scores').notNull(),
    frames: smallint('frames').notNull(),
    measuredAt: time('measured_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.itemRef, t.judge] })],
);

export const moderationDecisions = pgTable(
  'moderation_decisions',
  {
    itemRef: integer('item_ref').notNull(),
    review: integer('review').notNull(),
    level: smallint('level').notNull(),
    note: text('note').notNull(),
    moderator: text('moderator').notNull(),
    apiKey: text('api_key').notNull(),
    seen: jsonb('seen').notNull(),
    at: time('at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.itemRef, t.review] })],
);

export const itemReports = pgTable(
  'item_reports',
  {
    itemRef: integer('item_ref')
      .notNull()
      .references(() => items.ref, { onDelete: 'cascade' }),
    reporter: text('reporter').notNull(),
    reason: text('reason').notNull(),
    note: text('note').notNull(),
    handled: boolean('handled').notNull().default(false),
    at: time('at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.itemRef, t.reporter] })],
);
