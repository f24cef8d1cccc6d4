import { KIND_CODE } from '../../catalog/types.ts';
import { type Database, query } from '../../db/index.ts';
import { EVENT_CODE } from '../../events/types.ts';
import type { LoggedList } from './types.ts';

export type Which = { from: string; until: string; kind: 'image' | 'model'; variant: string; limit: number };

/** Newest first, so that a limit takes what is nearest to how things are now. */
const QUERY = `
  select r.user_id as person, r.scores, r.sources, r.propensities, r.draw, r.served, v.body -> 'sources' as names,
    (select array_agg(coalesce(i.creator_ref, 0) order by o.n)
       from unnest(r.items) with ordinality as o (ref, n) left join items i on i.ref = o.ref) as creators,
    coalesce((select array_agg(distinct array_position(r.items, e.item_ref) - 1) from events e join users u on u.ref = e.user_ref
       where e.recommendation_id = r.id and e.type = $5 and u.id = r.user_id), '{}') as clicked
  from recommendations r join pipeline_versions v on v.digest = r.config_digest
  where r.draw is not null and r.teams is null and r.created_at >= $1 and r.created_at < $2 and r.kind = $3 and r.variant = $4
  order by r.created_at desc limit $6`;
type Row = {
  person: string;
  scores: number[];
  sources: number[];
  propensities: number[];
  draw: { temperature: number; top: number };
  served: number;
  names: string[];
  creators: number[];
  clicked: number[];
};

/** Lists whose order was drawn, with what was clicked on their first page. */
export async function readDrawnLists(db: Database, which: Which): Promise<LoggedList[]> {
  const { from, until, kind, variant, limit } = which;
  const asked = [from, until, KIND_CODE[kind], variant, EVENT_CODE.click, limit];
  const rows = await query<Row>(db, QUERY, asked);
  return rows.map((row) => {
    const sources = row.sources.map((bits) => row.names.filter((_, bit) => (bits >> bit) & 1));
    const top = Math.min(row.draw.top, row.scores.length);
    return {
      person: row.person,
      list: {
        ...{ scores: row.scores, creators: row.creators, top, temperature: row.draw.temperature },
        fixed: explored(sources, top),
      },
      ...{ served: row.served, sources },
      clicks: row.scores.map((_, position) => row.clicked.includes(position)),
    };
  });
}

/** What only exploration brought keeps its position in a draw (recommend/selectors/diverse.ts). */
const explored = (sources: string[][], top: number): ReadonlySet<number> =>
  new Set([...sources.keys()].filter((place) => place < top && sources[place]!.join() === 'new'));
