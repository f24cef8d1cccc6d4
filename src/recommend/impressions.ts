import { KIND_CODE } from '../catalog/types.ts';
import { binaryArray, type Database, translateDatabaseError } from '../db/index.ts';
import type { PipelineIdentity } from './digest.ts';
import { FEATURES, writeFeatures } from './features.ts';
import { groupCommit } from './group-commit.ts';
import { listTime } from './list-id.ts';
import type { Candidate, ListRequest, RankedList } from './types.ts';

/** A list as it is logged, before its first page leaves. */
export type ListImpression = {
  id: string;
  /** 0 for someone Hamlet holds nothing of. */
  userRef: number;
  /** As they were counted before the list was made. */
  erasures: number;
  userSeq: number;
  /** `default`, or what an experiment decided. */
  variant: string;
  /** Of the first page; null without content vectors. */
  diversity: number | null;
  request: ListRequest;
  identity: PipelineIdentity;
  list: RankedList;
  served: number;
};
/** A later page of a stored list, as shown. */
export type PageImpression = { listId: string; firstPosition: number; items: number[] };

/** The impression log: what was shown, in which order, why, and with what probability. */
export type Impressions = {
  /** Both resolve once the row is on disk. @throws HamletError `database-unavailable` (503) */
  list(impression: ListImpression): Promise<void>;
  page(impression: PageImpression): Promise<void>;
  close(): Promise<void>;
};

export function openImpressions(db: Database): Impressions {
  const lists = groupCommit<ListImpression>((rows) =>
    run(db, 'impression-lists', INSERT_LISTS, listColumns(rows)),
  );
  const pages = groupCommit<PageImpression>((rows) =>
    run(db, 'impression-pages', INSERT_PAGES, pageColumns(rows)),
  );
  const known = new Map<string, Promise<unknown>>();

  async function ensureVersion({ digest, description }: PipelineIdentity): Promise<void> {
    let stored = known.get(digest);
    if (stored === undefined) {
      stored = run(db, 'pipeline-version', INSERT_VERSION, [digest, JSON.stringify(description)]);
      known.set(digest, stored);
      stored.catch(() => known.delete(digest));
    }
    await stored;
  }

  return {
    list: (impression) =>
      ensureVersion(impression.identity)
        .then(() => lists.add(impression))
        .catch(told),
    page: (impression) => pages.add(impression).catch(told),
    async close() {
      await Promise.all([lists.settled(), pages.settled()]);
    },
  };
}

const told = (error: unknown): never => {
  throw translateDatabaseError(error);
};

/** Not translated yet: the group asks the driver's own error whether the server is away. */
const run = async (db: Database, name: string, text: string, values: unknown[]): Promise<void> => {
  await db.pool.query({ name, text, values });
};

const INSERT_VERSION =
  'insert into pipeline_versions (digest, body) values ($1, $2::jsonb) on conflict do nothing';

// Arrays of arrays do not exist in SQL: what every place of every list has comes one list after the other, of which
// each row takes its part (first to last); what few lists have comes as text.
// Only an erasure locks a person against KEY SHARE, and the slot of an id: whom it has is as good as gone, and
// nobody waits for it; an erasure that comes later waits for this statement, and deletes what it wrote. Of somebody
// without a row only the slot tells: a count that has risen is not matched, not even by a statement that began before.
const INSERT_LISTS = `
  with present as materialized (
    select ref from users where ref = any($24::int[]) for key share skip locked),
  strangers as materialized (
    select e.slot, e.count from erasures e join unnest($3::text[], $24::int[], $26::bigint[]) as w (id, ref, count)
      on w.ref = 0 and e.slot = hashtext(w.id) & 4095 and e.count = w.count for share of e skip locked)
  insert into recommendations (id, created_at, user_id, user_seq, kind, surface, variant, config_digest,
    max_level, seed, served, items, scores, sources, because, pool_propensities, propensities,
    draw, request, degraded, ms, diversity, teams, rerank, features)
  select id, created_at, user_id, user_seq, kind, surface, variant, config_digest, max_level, seed, served,
    ($12::int[])[first:last], ($13::real[])[first:last], ($14::smallint[])[first:last], ($15::int[])[first:last],
    case when drawn then ($16::real[])[first:last] end, propensities::real[],
    draw::jsonb, request::jsonb, degraded::jsonb, ms, diversity, teams::smallint[], rerank::jsonb,
    features::bytea
  from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::bigint[], $5::smallint[], $6::text[],
    $7::text[], $8::text[], $9::smallint[], $10::bigint[], $11::int[], $17::text[], $18::text[], $19::text[],
    $20::text[], $21::real[], $22::real[], $23::text[], $24::int[], $25::text[], $26::bigint[], $27::text[],
    $28::int[], $29::int[], $30::bool[])
  as row (id, created_at, user_id, user_seq, kind, surface, variant, config_digest, max_level, seed, served,
    propensities, draw, request, degraded, ms, diversity, teams, user_ref, rerank, erasures, features,
    first, last, drawn)
  where user_ref in (select ref from present)
    or user_ref = 0 and (hashtext(user_id) & 4095, erasures) in (select slot, count from strangers)`;

const listColumns = (rows: ListImpression[]): unknown[] => {
  const places = rows.flatMap(({ list }) => list.items);
  const bits = rows.flatMap(({ list, identity }) => list.items.map(sourceBits(identity.description.sources)));
  const last: number[] = [];
  for (const { list } of rows) last.push((last.at(-1) ?? 0) + list.items.length);
  return [
    rows.map(({ id }) => id),
    rows.map(({ id }) => new Date(listTime(id)).toISOString()),
    rows.map(({ request }) => request.userId),
    rows.map(({ userSeq }) => userSeq),
    rows.map(({ request }) => KIND_CODE[request.kind]),
    rows.map(({ request }) => request.surface),
    rows.map(({ variant }) => variant),
    rows.map(({ identity }) => identity.digest),
    rows.map(({ request }) => request.maxLevel),
    rows.map(({ list }) => list.trace.seed),
    rows.map(({ served }) => served),
    binaryArray(
      'int',
      places.map(({ item }) => item),
    ),
    binaryArray(
      'real',
      places.map(({ score }) => Math.round(score * 1e6) / 1e6),
    ),
    binaryArray('smallint', bits),
    binaryArray(
      'int',
      places.map(({ because }) => because),
    ),
    binaryArray(
      'real',
      places.map(({ propensity }) => propensity),
    ),
    rows.map(({ list }) => list.draw && arrayText(list.draw.propensities, storable)),
    rows.map(({ list }) => list.draw && JSON.stringify({ ...list.draw, propensities: undefined })),
    rows.map(({ request }) => JSON.stringify(plainRequest(request))),
    rows.map(({ list }) => JSON.stringify(list.trace.degraded)),
    rows.map(({ list }) => Number(list.trace.ms.toPrecision(6))),
    rows.map(({ diversity }) => diversity && Number(diversity.toPrecision(6))),
    rows.map(({ list }) => list.teams && arrayText(list.teams, (team) => team)),
    rows.map(({ userRef }) => userRef),
    rows.map(({ list }) => list.rerank && JSON.stringify(list.rerank)),
    rows.map(({ erasures }) => erasures),
    rows.map(({ list }) => featureBytes(list.items)),
    last.map((end, n) => end - rows[n]!.list.items.length + 1),
    last,
    rows.map(({ list }) => list.items.some(({ propensity }) => propensity !== 1)),
  ];
};

// Of a list that an erasure has, or has deleted meanwhile, no page is kept.
const INSERT_PAGES = `
  with present as materialized (
    select id from recommendations where id = any($1::uuid[]) for key share skip locked)
  insert into recommendation_pages (recommendation_id, first_position, items)
  select id, first_position, items::int[] from unnest($1::uuid[], $2::int[], $3::text[])
  as row (id, first_position, items) where id in (select id from present)`;

const pageColumns = (rows: PageImpression[]): unknown[] => [
  rows.map(({ listId }) => listId),
  rows.map(({ firstPosition }) => firstPosition),
  rows.map(({ items }) => arrayText(items, (item) => item)),
];

/** An array as PostgreSQL reads it. */
function arrayText<T>(entries: T[], numberOf: (entry: T) => number): string {
  let text = '{';
  for (let i = 0; i < entries.length; i++) text += (i === 0 ? '' : ',') + numberOf(entries[i]!);
  return `${text}}`;
}

/** Of positions that are looked at: further down there is next to nothing to learn from. */
const LOGGED = 40;

function featureBytes(items: Candidate[]): string {
  const count = Math.min(LOGGED, items.length);
  const bytes = Buffer.alloc(count * FEATURES.length);
  for (let n = 0; n < count; n++) writeFeatures(items[n]!.features, bytes, n * FEATURES.length);
  return `\\x${bytes.toString('hex')}`;
}

/** The column is `real`: what is smaller than it can hold is refused by the database, not rounded. */
const storable = (probability: number): number => Math.max(probability, 1e-37);

/** Bit k of an item's number is set when source k brought it. */
const sourceBits =
  (sources: string[]) =>
  (candidate: Candidate): number => {
    let bits = 0;
    for (const source of candidate.sources) bits |= 1 << sources.indexOf(source);
    return bits;
  };

const plainRequest = ({ limit, exclude, tags }: ListRequest) => ({ limit, exclude: [...exclude], tags });
