import { integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { items, trainings, users } from './schema.ts';

/** LoRA files and spaces of weights, as drizzle sees the tables. */
const time = (name: string) => timestamp(name, { withTimezone: true });
const itemRef = () =>
  integer('item_ref')
    .notNull()
    .references(() => items.ref, { onDelete: 'cascade' });

export const loraFiles = pgTable('lora_files', {
  itemRef: itemRef().primaryKey(),
  file: text('file').notNull(),
  sha256: text('sha256').notNull(),
  addedAt: time('added_at').notNull().defaultNow(),
});

export const w2wSpaces = pgTable('w2w_spaces', {
  id: uuid('id')
    .primaryKey()
    .references(() => trainings.id),
  leftOut: jsonb('left_out').notNull().default({}),
  staleSince: time('stale_since'),
  staleBecause: jsonb('stale_because'),
});

export const w2wSpaceMembers = pgTable(
  'w2w_space_members',
  {
    spaceId: uuid('space_id')
      .notNull()
      .references(() => w2wSpaces.id, { onDelete: 'cascade' }),
    itemRef: itemRef(),
  },
  (t) => [primaryKey({ columns: [t.spaceId, t.itemRef] })],
);

const spaceId = () =>
  uuid('space_id')
    .notNull()
    .references(() => w2wSpaces.id, { onDelete: 'cascade' });
const userRef = () => integer('user_ref').references(() => users.ref, { onDelete: 'cascade' });

export const w2wDirections = pgTable('w2w_directions', {
  id: uuid('id')
    .primaryKey()
    .references(() => trainings.id),
  spaceId: spaceId(),
  name: text('name').notNull(),
  labelledBy: jsonb('labelled_by').notNull(),
  userRef: userRef(),
});

export const w2wEdits = pgTable('w2w_edits', {
  id: uuid('id')
    .primaryKey()
    .references(() => trainings.id),
  spaceId: spaceId(),
  wish: jsonb('wish').notNull(),
  userRef: userRef(),
});

export const w2wPersonalizations = pgTable('w2w_personalizations', {
  id: uuid('id').primaryKey(),
  userRef: userRef().notNull(),
  spaceId: spaceId(),
  state: text('state').notNull().default('queued'),
  steps: jsonb('steps').notNull().default({}),
  error: jsonb('error'),
  createdAt: time('created_at').notNull().defaultNow(),
  finishedAt: time('finished_at'),
});
