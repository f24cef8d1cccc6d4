import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';

/**
 * The tables as drizzle sees them. migrations/ is what makes them; a test compares the two column by
 * column. Why each column is there stands in the migrations.
 */
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const time = (name: string) => timestamp(name, { withTimezone: true });
const count = (name: string) => bigint(name, { mode: 'number' });

export const clocks = pgTable('clocks', { name: text('name').primaryKey(), value: count('value').notNull() });

export const erasures = pgTable('erasures', {
  slot: integer('slot').primaryKey(),
  count: count('count').notNull().default(0),
});

export const secrets = pgTable('secrets', {
  name: text('name').primaryKey(),
  value: bytea('value').notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
});

export const apiKeys = pgTable('api_keys', {
  id: uuid('id').primaryKey().defaultRandom(),
  name: text('name').notNull(),
  hash: bytea('hash').notNull().unique(),
  scopes: text('scopes').array().notNull(),
  maxLevel: smallint('max_level').notNull().default(1),
  createdAt: time('created_at').notNull().defaultNow(),
  revokedAt: time('revoked_at'),
});

export const users = pgTable('users', {
  ref: integer('ref').primaryKey().generatedAlwaysAsIdentity(),
  id: text('id').notNull().unique(),
  preferences: jsonb('preferences').notNull().default({}),
  attributes: jsonb('attributes').notNull().default({}),
  seq: count('seq').notNull().default(0),
  stored: boolean('stored').notNull().default(true),
  createdAt: time('created_at').notNull().defaultNow(),
});

export const items = pgTable(
  'items',
  {
    ref: integer('ref').primaryKey().generatedAlwaysAsIdentity(),
    kind: smallint('kind').notNull(),
    id: text('id').notNull(),
    status: smallint('status').notNull().default(1),
    version: count('version').notNull().default(0),
    creatorRef: integer('creator_ref'),
    level: smallint('level'),
    effectiveLevel: smallint('effective_level').notNull().default(0),
    safetySource: text('safety_source').notNull().default('unknown'),
    flags: smallint('flags').notNull().default(0),
    toxicity: real('toxicity'),
    toxicitySource: text('toxicity_source'),
    phash: bigint('phash', { mode: 'bigint' }),
    title: text('title').notNull().default(''),
    url: text('url').notNull().default(''),
    tags: text('tags').array().notNull().default([]),
    prompt: text('prompt').notNull().default(''),
    negativePrompt: text('negative_prompt').notNull().default(''),
    description: text('description').notNull().default(''),
    modelRefs: integer('model_refs').array().notNull().default([]),
    attributes: jsonb('attributes').notNull().default({}),
    createdAt: time('created_at'),
    updatedAt: time('updated_at').notNull().defaultNow(),
    digest: bytea('digest'),
    assumed: smallint('assumed'),
    classify: boolean('classify').notNull().default(false),
    textMarks: smallint('text_marks').notNull().default(0),
    moderated: smallint('moderated'),
    reported: boolean('reported').notNull().default(false),
    safetyReasons: text('safety_reasons').array().notNull().default([]),
    safetyRule: text('safety_rule').notNull().default(''),
    review: integer('review').notNull().default(0),
    reviewSince: time('review_since'),
  },
  (t) => [
    unique().on(t.kind, t.id),
    index('items_version').on(t.version),
    index('items_creator').on(t.creatorRef),
  ],
);

export const itemVectors = pgTable(
  'item_vectors',
  {
    itemRef: integer('item_ref')
      .notNull()
      .references(() => items.ref, { onDelete: 'cascade' }),
    space: text('space').notNull(),
    source: text('source').notNull(),
    data: bytea('data').notNull(),
  },
  (t) => [primaryKey({ columns: [t.itemRef, t.space] })],
);

export const eventKeys = pgTable('event_keys', {
  eventId: text('event_id').primaryKey(),
  digest: bytea('digest').notNull(),
});

export const events = pgTable('events', {
  userRef: integer('user_ref').notNull(),
  seq: count('seq').notNull(),
  itemRef: integer('item_ref').notNull(),
  type: smallint('type').notNull(),
  position: smallint('position'),
  synthetic: boolean('synthetic').notNull().default(false),
  occurredAt: time('occurred_at').notNull(),
  receivedAt: time('received_at').notNull().defaultNow(),
  recommendationId: uuid('recommendation_id'),
  eventId: text('event_id').notNull(),
});

export const userStates = pgTable('user_states', {
  userRef: integer('user_ref').primaryKey(),
  seq: count('seq').notNull(),
  state: jsonb('state').notNull(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

export const pipelineVersions = pgTable('pipeline_versions', {
  digest: text('digest').primaryKey(),
  body: jsonb('body').notNull(),
  firstSeen: time('first_seen').notNull().defaultNow(),
});

export const recommendations = pgTable('recommendations', {
  id: uuid('id').notNull(),
  createdAt: time('created_at').notNull(),
  userId: text('user_id').notNull(),
  userSeq: count('user_seq').notNull(),
  kind: smallint('kind').notNull(),
  surface: text('surface').notNull(),
  variant: text('variant').notNull(),
  configDigest: text('config_digest').notNull(),
  maxLevel: smallint('max_level').notNull(),
  seed: count('seed').notNull(),
  items: integer('items').array().notNull(),
  scores: real('scores').array().notNull(),
  sources: smallint('sources').array().notNull(),
  because: integer('because').array().notNull(),
  poolPropensities: real('pool_propensities').array(),
  propensities: real('propensities').array(),
  draw: jsonb('draw'),
  request: jsonb('request').notNull(),
  degraded: jsonb('degraded').notNull().default([]),
  served: integer('served').notNull(),
  ms: real('ms'),
  diversity: real('diversity'),
  teams: smallint('teams').array(),
  rerank: jsonb('rerank'),
  features: bytea('features'),
});

export const tastes = pgTable('tastes', {
  userRef: integer('user_ref').primaryKey(),
  body: jsonb('body'),
  stated: jsonb('stated'),
  statedAt: time('stated_at'),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

export const reranks = pgTable(
  'reranks',
  {
    userRef: integer('user_ref').notNull(),
    kind: smallint('kind').notNull(),
    digest: text('digest').notNull(),
    body: jsonb('body').notNull(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.userRef, t.kind] })],
);

export const experiments = pgTable('experiments', {
  key: text('key').primaryKey(),
  version: integer('version').notNull(),
  state: text('state').notNull(),
  coverage: doublePrecision('coverage').notNull(),
  pausedVariants: jsonb('paused_variants').notNull().default({}),
  winner: text('winner'),
  promotedAt: time('promoted_at'),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

export const experimentVersions = pgTable(
  'experiment_versions',
  {
    key: text('key').notNull(),
    version: integer('version').notNull(),
    definition: jsonb('definition').notNull(),
    startedAt: time('started_at'),
    endedAt: time('ended_at'),
  },
  (t) => [primaryKey({ columns: [t.key, t.version] })],
);

export const experimentChanges = pgTable('experiment_changes', {
  ref: bigint('ref', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  key: text('key').notNull(),
  version: integer('version').notNull(),
  change: text('change').notNull(),
  detail: jsonb('detail').notNull().default({}),
  at: time('at').notNull().defaultNow(),
});

export const recommendationPages = pgTable('recommendation_pages', {
  recommendationId: uuid('recommendation_id').notNull(),
  firstPosition: integer('first_position').notNull(),
  items: integer('items').array().notNull(),
  servedAt: time('served_at').notNull().defaultNow(),
});

export const outbox = pgTable('outbox', {
  indexName: text('index_name').primaryKey(),
  version: count('version').notNull().default(0),
  leaseOwner: uuid('lease_owner'),
  leasedUntil: time('leased_until'),
  fence: count('fence').notNull().default(0),
});

export const artifacts = pgTable(
  'artifacts',
  {
    kind: text('kind').notNull(),
    version: text('version').notNull(),
    manifest: jsonb('manifest').notNull(),
    metrics: jsonb('metrics').notNull().default({}),
    state: text('state').notNull().default('candidate'),
    createdAt: time('created_at').notNull().defaultNow(),
    promotedAt: time('promoted_at'),
  },
  (t) => [primaryKey({ columns: [t.kind, t.version] })],
);

export const imports = pgTable('imports', {
  id: text('id').primaryKey(),
  source: text('source').notNull(),
  kind: text('kind').notNull(),
  policy: jsonb('policy').notNull(),
  position: count('position').notNull().default(0),
  accepted: count('accepted').notNull().default(0),
  rejected: count('rejected').notNull().default(0),
  done: boolean('done').notNull().default(false),
  startedAt: time('started_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

export const trainings = pgTable('trainings', {
  id: uuid('id').primaryKey(),
  kind: text('kind').notNull(),
  spec: jsonb('spec').notNull(),
  dataset: text('dataset'),
  state: text('state').notNull().default('queued'),
  attempt: integer('attempt').notNull().default(0),
  fence: count('fence').notNull().default(0),
  leasedUntil: time('leased_until'),
  sidecar: text('sidecar'),
  cancelRequested: boolean('cancel_requested').notNull().default(false),
  progress: real('progress').notNull().default(0),
  metrics: jsonb('metrics').notNull().default({}),
  log: text('log').array().notNull().default([]),
  result: jsonb('result'),
  error: jsonb('error'),
  createdAt: time('created_at').notNull().defaultNow(),
  startedAt: time('started_at'),
  finishedAt: time('finished_at'),
});

export * from './schema-safety.ts';
export * from './schema-w2w.ts';
