-- Writes one batch of checked events, whole or not at all. Arrays are aligned; event ids are distinct
-- within the batch. Answers one row for each event that was there before: its place in the batch (from 1)
-- and the digest that is stored. Every other event was accepted.
--
-- Locks are taken in one order by every writer, so that no two wait for each other: keys by id, then new
-- users by id, then users by ref.
create function ingest_events(
  event_ids text[], digests text[], user_ids text[], item_refs int[], types smallint[],
  positions smallint[], times float8[], lists uuid[], synthetics boolean[]
) returns table (place bigint, stored_digest text)
language plpgsql
-- Batches are of 1 to thousands of events: one plan for all of them is the wrong plan for most.
set plan_cache_mode = force_custom_plan
-- A batch is small beside the tables, even where these were filled since they were last analysed.
set enable_seqscan = off
as $$
declare
  accepted bigint[];
  people text[];
  known bigint;
  written bigint;
begin
  with batch as (
    select e.id, e.digest, e.n from unnest(event_ids, digests) with ordinality as e (id, digest, n)
  ), inserted as (
    insert into event_keys (event_id, digest)
    select id, decode(digest, 'hex') from batch order by id
    on conflict do nothing
    returning event_keys.event_id
  )
  select array_agg(batch.n order by batch.n) into accepted from inserted join batch on batch.id = inserted.event_id;

  -- Arrays are unnested, never subscripted: a text[] is walked from its start at each subscript.
  if accepted is not null then
    select array_agg(distinct b.user_id) into people
    from unnest(user_ids) with ordinality as b (user_id, n) join unnest(accepted) as a (n) on a.n = b.n;

    insert into users (id, stored)
    select p.id, false from unnest(people) as p (id)
    where not exists (select 1 from users where users.id = p.id)
    order by p.id
    on conflict do nothing;

    perform 1 from users where id = any (people) order by ref for no key update;

    with batch as (
      select b.*, row_number() over (partition by b.user_id order by b.n) as step
      from unnest(event_ids, user_ids, item_refs, types, positions, times, lists, synthetics) with ordinality
        as b (event_id, user_id, item_ref, type, position, at, list, synthetic, n)
      join unnest(accepted) as a (n) on a.n = b.n
    ), risen as (
      update users set seq = users.seq + more.events
      from (select user_id, count(*) as events from batch group by user_id) more
      where users.id = more.user_id
      returning users.id, users.ref, users.seq - more.events as seq_before
    )
    insert into events (user_ref, seq, item_ref, type, position, synthetic, occurred_at, recommendation_id, event_id)
    select risen.ref, risen.seq_before + batch.step, batch.item_ref, batch.type, batch.position, batch.synthetic,
           to_timestamp(batch.at / 1000), batch.list, batch.event_id
    from batch join risen on risen.id = batch.user_id;
    get diagnostics written = row_count;
    if written < cardinality(accepted) then
      raise exception 'a user of this batch was erased meanwhile' using errcode = 'serialization_failure';
    end if;
  end if;

  if coalesce(cardinality(accepted), 0) < cardinality(event_ids) then
    return query
      select e.n, encode(k.digest, 'hex') from unnest(event_ids) with ordinality as e (id, n)
      left join unnest(accepted) as a (n) on a.n = e.n
      join event_keys k on k.event_id = e.id
      where a.n is null;
    get diagnostics known = row_count;
    if known + coalesce(cardinality(accepted), 0) < cardinality(event_ids) then
      raise exception 'an event of this batch was erased meanwhile' using errcode = 'serialization_failure';
    end if;
  end if;
end
$$;
