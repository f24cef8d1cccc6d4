-- Levels that classifiers and moderators give. What is decided of an item follows from its row, its evidence in
-- force and src/safety alone.

alter table items
  add column assumed smallint,                            -- level that the import's policy vouches for; null = none
  add column classify boolean not null default false,     -- its policy asks classifiers
  add column text_marks smallint not null default 0,      -- TEXT_MARK bits of its words
  add column moderated smallint,                          -- level a moderator decided on, while it holds
  add column reported boolean not null default false,     -- by enough people since a moderator looked
  add column safety_reasons text[] not null default '{}',
  add column safety_rule text not null default '',        -- version of the thresholds it was decided by
  add column review int not null default 0,               -- rises with each decision and each change of what is shown
  add column review_since timestamptz;                    -- waits for a moderator since; null = does not

-- What a policy vouched for was not kept apart: the level it came to stands for it.
update items set assumed = nullif(effective_level, 0) where safety_source = 'policy' and status = 1;
update items set review_since = updated_at, safety_reasons = '{level-unknown}' where status = 1 and effective_level = 0;

create index items_review on items (review_since, ref) where review_since is not null;
create index items_classify on items (version, ref) where classify;

-- Scores of classifiers. One row a picture and set of classifiers (their versions are in `judge`); the one in force
-- counts, another waits to be applied. Gone with the picture it was made of.
create table item_evidence (
  item_ref int not null references items (ref) on delete cascade,
  judge text not null,
  in_force boolean not null,
  scores jsonb not null,                                  -- classifier → class → probability
  frames smallint not null,                               -- pictures that were looked at
  measured_at timestamptz not null default now(),
  primary key (item_ref, judge)
);
create unique index item_evidence_in_force on item_evidence (item_ref) where in_force;
create index item_evidence_waiting on item_evidence (item_ref) where not in_force;

-- Pictures that are being classified (code null) or could not be: as embedding_attempts.
create table classification_attempts (
  item_ref int primary key references items (ref) on delete cascade,
  picture text not null,
  encoder text not null,                                  -- the judge
  attempts smallint not null default 0,
  code text,
  reason text,
  retry_at timestamptz not null,
  updated_at timestamptz not null default now()
);
create index classification_attempts_due on classification_attempts (retry_at);

-- Every decision of a moderator, with what they saw. Nothing is ever changed here.
create table moderation_decisions (
  item_ref int not null,
  review int not null,                                    -- items.review it was made of: two at once cannot both be
  level smallint not null,
  note text not null,
  moderator text not null,
  api_key text not null,
  seen jsonb not null,                                    -- {level, reasons, scores} before it
  at timestamptz not null default now(),
  primary key (item_ref, review)
);
create function moderation_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'decisions of moderators are only ever added';
end
$$;
create trigger moderation_append_only before update or delete on moderation_decisions
  for each row execute function moderation_is_append_only();

-- One a person and item.
create table item_reports (
  item_ref int not null references items (ref) on delete cascade,
  reporter text not null,
  reason text not null,
  note text not null,
  handled boolean not null default false,                 -- a moderator has decided since
  at timestamptz not null default now(),
  primary key (item_ref, reporter)
);
create index item_reports_reporter on item_reports (reporter, at);
