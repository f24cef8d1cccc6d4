-- The truth: catalogue, interaction log, impression log. Forward only.

create table clocks (name text primary key, value bigint not null);
insert into clocks values ('catalogue', 0);

-- Secrets every replica must share (cursor signing). One row a name.
create table secrets (name text primary key, value bytea not null, created_at timestamptz not null default now());

create table api_keys (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  hash bytea not null unique,                 -- sha256 of the token; the token itself is shown once
  scopes text[] not null,
  max_level smallint not null default 1,      -- highest browsing level this key may see
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

create table users (
  ref int generated always as identity primary key,
  id text not null unique,
  preferences jsonb not null default '{}',
  attributes jsonb not null default '{}',
  seq bigint not null default 0,              -- rises with each event and preference change: replicas compare it
  stored boolean not null default true,       -- false: known only because an event or item named them
  created_at timestamptz not null default now()
);

create table items (
  ref int generated always as identity primary key,
  kind smallint not null check (kind in (1, 2)),          -- 1 image, 2 model
  id text not null,
  status smallint not null default 1,                     -- 0 placeholder, 1 live, 2 deleted
  version bigint not null default 0,                      -- catalogue clock at its last change: the outbox reads by it
  creator_ref int,
  level smallint,                                         -- declared browsing level; null = unknown
  effective_level smallint not null default 0,            -- by catalog/safety.ts, the only rule; 0 = held back
  safety_source text not null default 'unknown',          -- declared | policy | unknown
  flags smallint not null default 0,                      -- ITEM_FLAG bits
  toxicity real,
  toxicity_source text,                                   -- declared | lexicon | model name | none (no text)
  phash bigint,
  title text not null default '',
  url text not null default '',
  tags text[] not null default '{}',
  prompt text not null default '',
  negative_prompt text not null default '',
  description text not null default '',
  model_refs int[] not null default '{}',
  attributes jsonb not null default '{}',
  created_at timestamptz,
  digest bytea,                                           -- of what the caller handed in and how it was judged: equal = unchanged
  updated_at timestamptz not null default now(),
  unique (kind, id)
);
create index items_held on items (kind, id) where status = 1 and effective_level = 0;
create index items_version on items (version);
create index items_creator on items (creator_ref) where creator_ref is not null;

create table item_vectors (
  item_ref int not null references items (ref) on delete cascade,
  space text not null,                                    -- text | clip | tower | sequence
  source text not null,                                   -- encoder id, or 'declared'
  data bytea not null,                                    -- float32 little-endian, unit length
  primary key (item_ref, space)
);

create table event_keys (event_id text primary key, digest bytea not null);

create table events (
  user_ref int not null,
  seq bigint not null,                                    -- users.seq after this event
  item_ref int not null,
  type smallint not null,                                 -- EVENT_CODE
  position smallint,
  synthetic boolean not null default false,               -- occurred_at is a step, not a time
  occurred_at timestamptz not null,
  received_at timestamptz not null default now(),
  recommendation_id uuid,
  event_id text not null
) partition by range (received_at);
create index events_user on events (user_ref, seq);
create index events_recommendation on events (recommendation_id) where recommendation_id is not null;
create table events_default partition of events default;

-- A checkpoint of derived state; events after its seq are replayed on it.
create table user_states (
  user_ref int primary key,
  seq bigint not null,
  state jsonb not null,
  updated_at timestamptz not null default now()
);

-- The impression log. One row a list; arrays are aligned by position.
create table pipeline_versions (digest text primary key, body jsonb not null, first_seen timestamptz not null default now());
create table recommendations (
  id uuid not null,                                       -- uuid v7: its time finds the partition
  created_at timestamptz not null,
  user_id text not null,
  user_seq bigint not null,
  kind smallint not null,
  surface text not null,
  variant text not null,
  config_digest text not null,                            -- pipeline_versions.digest
  max_level smallint not null,
  seed bigint not null,
  items int[] not null,
  scores real[] not null,
  sources smallint[] not null,                            -- bit set over pipeline_versions.body.sources
  because int[] not null,                                 -- history item behind each, 0 none
  pool_propensities real[],                               -- P(drawn into the pool), null when all are 1
  propensities real[],                                    -- P(item at position | items above), null without a draw
  draw jsonb,                                             -- {seed, temperature, top}
  request jsonb not null,
  degraded jsonb not null default '[]',
  served int not null                                     -- items on the first page
) partition by range (created_at);
create index recommendations_id on recommendations (id);
create index recommendations_user on recommendations (user_id);
create table recommendations_default partition of recommendations default;

create table recommendation_pages (
  recommendation_id uuid not null,
  first_position int not null,
  items int[] not null,
  served_at timestamptz not null default now()
);
create index recommendation_pages_id on recommendation_pages (recommendation_id);

-- Who has carried catalogue changes into which vector index: cursor, lease and fencing number.
create table outbox (
  index_name text primary key,                            -- e.g. qdrant:<url digest>, embedded:<home id>
  version bigint not null default 0,                      -- items.version carried so far
  lease_owner uuid,
  leased_until timestamptz,
  fence bigint not null default 0
);

-- Artifact registry: folders under HAMLET_HOME/artifacts.
create table artifacts (
  kind text not null,
  version text not null,
  manifest jsonb not null,
  metrics jsonb not null default '{}',
  state text not null default 'candidate',                -- candidate | active | retired | rejected
  created_at timestamptz not null default now(),
  promoted_at timestamptz,
  primary key (kind, version)
);
create unique index artifacts_active on artifacts (kind) where state = 'active';

create table imports (
  id text primary key,                                    -- digest of source, kind and options
  source text not null,
  kind text not null,
  policy jsonb not null,
  position bigint not null default 0,                     -- rows done: where a resumed import goes on
  accepted bigint not null default 0,
  rejected bigint not null default 0,
  done boolean not null default false,
  started_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
