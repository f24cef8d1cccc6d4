import { type Database, query } from '../../db/index.ts';

/** Versions of the catalogue that each collection has yet to be told of. */
export const outboxLag = (db: Database): Promise<{ collection: string; versions: number }[]> =>
  query(
    db,
    `select o.index_name as collection, greatest(0, c.value - o.version)::float8 as versions
     from outbox o, clocks c where c.name = 'catalogue' order by 1`,
    [],
  );
