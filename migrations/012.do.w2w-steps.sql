-- Which personalization a direction or an edit is a step of, and of which taste: one that was stopped between finds what
-- it had begun, and ends no other's.
alter table w2w_directions
  add column personalization uuid references w2w_personalizations (id) on delete set null,
  add column preference text,
  add unique (personalization, preference);
alter table w2w_edits
  add column personalization uuid references w2w_personalizations (id) on delete set null,
  add column preference text,
  add unique (personalization, preference);
