-- LoRA files that this platform may work on, and spaces of their weights. A space is a training (kind
-- build-w2w-space) and its artifact; here stands whose LoRAs are in it, and whether they still may be.
create table lora_files (
  item_ref int primary key references items (ref) on delete cascade,
  file text not null,                                     -- under the artifacts
  sha256 text not null,
  added_at timestamptz not null default now()
);

create table w2w_spaces (
  id uuid primary key references trainings (id),
  left_out jsonb not null default '{}',                   -- reason → LoRAs that their rights kept out
  stale_since timestamptz,                                -- a LoRA in it lost its rights: no new edits from then on
  stale_because jsonb                                     -- reason → LoRAs
);

create table w2w_space_members (
  space_id uuid not null references w2w_spaces (id) on delete cascade,
  item_ref int not null references items (ref) on delete cascade,
  primary key (space_id, item_ref)
);
