-- What is asked of a sidecar, and what came of it. The queue only says that somebody should look: this row
-- says who may (fence, lease) and holds the one result.
create table trainings (
  id uuid primary key,
  kind text not null,
  spec jsonb not null,
  dataset text,                               -- digest of the snapshot it sees
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  attempt int not null default 0,
  fence bigint not null default 0,            -- rises with each lease: what an older holder says is not heard
  leased_until timestamptz,
  sidecar text,                               -- address of the attempt
  cancel_requested boolean not null default false,
  progress real not null default 0,
  metrics jsonb not null default '{}',
  log text[] not null default '{}',           -- the last lines
  result jsonb,
  error jsonb,                                -- {code, message}
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
create index trainings_open on trainings (created_at) where state in ('queued', 'running');
create index trainings_created on trainings (created_at);
