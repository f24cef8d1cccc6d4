import type { Database } from '../db/index.ts';
import { type ColumnRow, TAG_SEPARATOR, type WritableColumns } from './columns-store.ts';
import { readRows } from './sql.ts';
import type { ItemRef } from './types.ts';

const PAGE = 20_000;
// phash as two halves, because a 64-bit integer does not fit a number; tags as one text, because parsing an
// array of 242,000 items in JavaScript costs more than all the rest.
const SELECT = `select ref, kind, id, status, coalesce(creator_ref, 0), effective_level, flags,
  coalesce((phash >> 32) & 4294967295, 0)::float8, coalesce(phash & 4294967295, 0)::float8,
  coalesce(extract(epoch from created_at), 0)::float8, array_to_string(tags, chr(${TAG_SEPARATOR.charCodeAt(0)}))`;

type VersionedRow = [...ColumnRow, version: number];

/** Reads the whole catalogue, a page ahead of what is being taken over. */
export async function loadColumns(db: Database, columns: WritableColumns): Promise<void> {
  // Read before the rows: whatever changes while they are read has a later version and is caught up with.
  const [[version, last] = [0, 0]] = await readRows<[number, ItemRef]>(
    db,
    `select (select value from clocks where name = 'catalogue')::float8, coalesce((select max(ref) from items), 0)`,
    [],
  );
  columns.reserve(last);
  const page = (after: ItemRef) =>
    readRows<ColumnRow>(db, `${SELECT} from items where ref > $1 order by ref limit ${PAGE}`, [after]);
  for (let next = page(0); ; ) {
    const rows = await next;
    if (rows.length === PAGE) next = page(rows.at(-1)![0]);
    // A failure of the page ahead is thrown by the await above, not reported as unhandled meanwhile.
    next.catch(() => {});
    for (const row of rows) columns.set(row);
    if (rows.length < PAGE) break;
  }
  columns.advance(version);
}

/**
 * Keeps columns abreast of the catalogue clock.
 * @param changed told of each ref taken over, before its row is set.
 * @returns a function that resolves once the columns hold at least `toVersion`.
 */
export function catchUpWith(
  db: Database,
  columns: WritableColumns,
  changed: (ref: ItemRef) => void,
): (toVersion: number) => Promise<void> {
  let running: Promise<void> | undefined;
  return async (toVersion) => {
    while (columns.version < toVersion) {
      // A run that began before `toVersion` was committed may miss it; then the loop starts another.
      running ??= run(toVersion).finally(() => {
        running = undefined;
      });
      await running;
    }
  };

  async function run(target: number): Promise<void> {
    let [version, ref] = [columns.version, 2 ** 31 - 1];
    for (;;) {
      const rows = await readRows<VersionedRow>(
        db,
        `${SELECT}, version::float8 from items where (version, ref) > ($1, $2) order by version, ref limit ${PAGE}`,
        [version, ref],
      );
      for (const row of rows) {
        changed(row[0]);
        columns.set(row.slice(0, -1) as ColumnRow);
      }
      const last = rows.at(-1);
      if (last !== undefined) [version, ref] = [last[11], last[0]];
      if (rows.length < PAGE) break;
    }
    columns.advance(Math.max(target, version));
  }
}
