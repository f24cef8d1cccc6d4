import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import t from 'tap';
import { openMigrated, schema } from '../../../src/db/index.ts';
import { silentLog } from '../../../src/log.ts';
import { secondPool, testDatabase } from '../../support/database.ts';

t.test('drizzle describes exactly the columns that the migrations make', async (t) => {
  const db = await testDatabase(t);
  const { rows } = await db.pool.query<{ place: string }>(
    `select c.table_name || '.' || c.column_name || ' ' || c.is_nullable as place
       from information_schema.columns c join pg_class k on k.relname = c.table_name
      where c.table_schema = 'public' and not k.relispartition and c.table_name <> 'schema_version'`,
  );
  const described = Object.values(schema)
    .filter((table) => table instanceof PgTable)
    .map(getTableConfig)
    .flatMap((table) =>
      table.columns.map((c) => `${table.name}.${c.name} ${c.notNull || c.primary ? 'NO' : 'YES'}`),
    );
  t.same(described.sort(), rows.map((row) => row.place).sort());
});

t.test('opening a migrated database again, even twice at once, changes nothing', async (t) => {
  const db = await testDatabase(t);
  const applied = async () =>
    (await db.pool.query<{ version: number }>('select version, run_at from schema_version order by 1')).rows;
  const before = await applied();
  const about = { embedded: true, description: '', leave: () => {} };
  const again = await Promise.all([1, 2].map(() => openMigrated(secondPool(db), silentLog, about)));
  t.same(await applied(), before);
  await Promise.all(again.map((opened) => opened.close()));
});
