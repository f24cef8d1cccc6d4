-- Directions in a space and LoRAs made with them: each is a training and its artifact. What a person's taste went
-- into names the person, so that it is stale once they do not want that any more, and gone once they are.
create table w2w_directions (
  id uuid primary key references trainings (id),
  space_id uuid not null references w2w_spaces (id) on delete cascade,
  name text not null,
  labelled_by jsonb not null,                             -- what said which LoRA has it
  user_ref int references users (ref) on delete cascade
);

create table w2w_edits (
  id uuid primary key references trainings (id),
  space_id uuid not null references w2w_spaces (id) on delete cascade,
  wish jsonb not null,                                    -- as it was asked for
  user_ref int references users (ref) on delete cascade
);

-- A person's way from liked pictures to edited LoRAs. `steps` keeps what each step found: one that was stopped goes
-- on after the last.
create table w2w_personalizations (
  id uuid primary key,
  user_ref int not null references users (ref) on delete cascade,
  space_id uuid not null references w2w_spaces (id) on delete cascade,
  state text not null default 'queued',
  steps jsonb not null default '{}',
  error jsonb,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
