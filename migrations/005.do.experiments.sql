-- Experiments: definitions by version, and what became of them. Exposures are rows of `recommendations`.

insert into clocks values ('experiments', 0);

create table experiments (
  key text primary key,
  version int not null,                       -- the definition in force
  state text not null,                        -- draft | running | paused | stopped | promoted
  coverage double precision not null,         -- share of the people in reach; only ever raised
  paused_variants jsonb not null default '{}',-- variant → {at, reason}: its people get the control's pipeline
  winner text,
  promoted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table experiment_versions (
  key text not null references experiments (key) on delete cascade,
  version int not null,
  definition jsonb not null,
  started_at timestamptz,                     -- null: never ran
  ended_at timestamptz,                       -- stopped, or replaced by the next version
  primary key (key, version)
);

-- What was done to an experiment, by hand or by a guardrail. Nothing is ever changed here.
create table experiment_changes (
  ref bigint generated always as identity primary key,
  key text not null references experiments (key) on delete cascade,
  version int not null,
  change text not null,
  detail jsonb not null default '{}',
  at timestamptz not null default now()
);
create index experiment_changes_key on experiment_changes (key, ref);

-- Later columns of an exposure. `variant` is KEY@VERSION:VARIANT, or `default` outside every experiment.
alter table recommendations add column ms real;             -- milliseconds the pipeline took
alter table recommendations add column diversity real;      -- mean 1 − cosine between the items of the first page
alter table recommendations add column teams smallint[];    -- interleaved lists: whose item, 0 or 1

-- A report walks the exposures of one variant person by person, in time order, from this index alone.
create index recommendations_exposures on recommendations (variant, user_id, created_at)
  include (id, served, ms, diversity) where variant <> 'default';
