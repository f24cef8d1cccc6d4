-- What people like, in words, and lists re-ranked by it.

create table tastes (
  user_ref int primary key references users (ref) on delete cascade,
  body jsonb,                                 -- as the machine describes it: taste/types.ts; null: not yet
  stated jsonb,                               -- as the person corrected it: wins, and outlives every refresh
  stated_at timestamptz,
  updated_at timestamptz not null default now()
);

-- Scores and reasons of a vision-language model: a cache, one row a person and kind.
create table reranks (
  user_ref int not null references users (ref) on delete cascade,
  kind smallint not null,
  digest text not null,                       -- of the taste, the model and the prompts
  body jsonb not null,                        -- rerank/types.ts
  updated_at timestamptz not null default now(),
  primary key (user_ref, kind)
);

alter table recommendations add column rerank jsonb;        -- {mode, by: {ranker, version, taste}}; by null: base order; null: off
