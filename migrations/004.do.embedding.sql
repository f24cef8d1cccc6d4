-- Pictures that are being looked at (code null) or could not be (code says why). The vector itself is the proof
-- of success: its row here goes with it.
create table embedding_attempts (
  item_ref int primary key references items (ref) on delete cascade,
  picture text not null,                                  -- items.url then: another picture is another try
  encoder text not null,                                  -- so is another encoder
  attempts smallint not null default 0,                   -- that failed
  code text,
  reason text,
  retry_at timestamptz not null,                          -- until then nobody else tries; infinity = given up
  updated_at timestamptz not null default now()
);
create index embedding_attempts_due on embedding_attempts (retry_at);

-- Pictures that show what a model makes, by model.
create index items_showcases on items using gin (model_refs) where kind = 1 and (flags & 128) <> 0;
