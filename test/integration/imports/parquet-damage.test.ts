import { parquetMetadata } from 'hyparquet';
import t from 'tap';
import { importImagegem } from '../../../src/imports/index.ts';
import { testDatabase } from '../../support/database.ts';
import { importParts, newFolder, parquetOf, rejectsOf, tallies, write } from '../../support/imports.ts';

const folder = newFolder(t);
const db = await testDatabase(t);
const parts = await importParts(t, db, newFolder(t));
const rowsOf = (prefix: string) =>
  Array.from({ length: 30 }, (_, n) => ({
    ...{ imageId: `${prefix}-${n}`, modelVersionId: 11, userHash: `user-${n % 3}`, browsingLevel: 1 },
    createdAt: new Date('2024-03-01T10:00:00Z'),
  }));
const stored = async (prefix: string) =>
  (await db.pool.query('select count(*)::int as n from items where kind = 1 and id like $1', [`${prefix}-%`]))
    .rows[0].n;

t.test(
  'a file that was not written to its end is refused as a whole, and nothing of it is stored',
  async (t) => {
    const whole = parquetOf(rowsOf('cut'));
    for (const size of [0, 3, 10, Math.floor(whole.length / 2), whole.length - 1]) {
      const images = write(folder, 'cut.parquet', whole.subarray(0, size));
      await t.rejects(
        importImagegem(parts, { images }),
        { code: 'parquet-invalid', status: 400 },
        `${size} bytes`,
      );
    }
    t.equal(await stored('cut'), 0);
    const images = write(folder, 'cut.parquet', whole);
    t.match(await importImagegem(parts, { images }), { accepted: 30, rejected: 0, resumedAfter: 0 });
  },
);

t.test('a broken second file is known before a row of the first is stored', async (t) => {
  const models = write(
    folder,
    'models.parquet',
    parquetOf([{ modelVersionId: 'early-1', modelName: 'Early', userHash: 'maker' }]),
  );
  const images = write(folder, 'none.parquet', 'no parquet at all');
  await t.rejects(importImagegem(parts, { models, images }), { code: 'parquet-invalid' });
  t.equal(await parts.catalog.get('model', 'early-1'), null);
});

t.test('of a damaged row group each row is in the reject file; the others are stored', async (t) => {
  const bytes = parquetOf(rowsOf('damaged'), 10);
  const { dictionary_page_offset, data_page_offset } = parquetMetadata(bytes.slice().buffer).row_groups[1]!
    .columns[0]!.meta_data!;
  const page = Number(dictionary_page_offset ?? data_page_offset);
  const images = write(folder, 'damaged.parquet', bytes.fill(0xff, page, page + 12));
  const report = await importImagegem(parts, { images });
  t.match(report, { accepted: 20, rejected: 10, rows: 30 });
  const rejects = rejectsOf(report);
  t.same(
    rejects.map(({ line }) => line),
    Array.from({ length: 10 }, (_, n) => 11 + n),
  );
  t.ok(rejects.every(({ code, detail }) => code === 'parquet-damaged' && String(detail).length > 0));
  t.equal(await stored('damaged'), 20);
});

t.test('a table without the columns that matter is refused and says which', async (t) => {
  const images = write(folder, 'narrow.parquet', parquetOf([{ imageId: 1, createdAt: new Date() }]));
  await t.rejects(importImagegem(parts, { images }), {
    code: 'parquet-columns-missing',
    message: /modelVersionId, userHash, browsingLevel/,
  });
});

t.test(
  'whatever bytes are damaged, the import ends, and no event is without its key and number',
  async (t) => {
    const whole = parquetOf(rowsOf('fuzz'), 10);
    for (let n = 0; n < 12; n++) {
      const bytes = whole.slice();
      const at = Math.floor((bytes.length * n) / 12);
      bytes.fill(n * 23, at, at + 8);
      const images = write(folder, `fuzz-${n}.parquet`, bytes);
      const outcome = await importImagegem(parts, { images }).catch((error) => error);
      t.ok('accepted' in outcome || outcome.status === 400, `${n}: ${outcome.code ?? 'read'}`);
    }
    const { events, distinct_events, keys, seqs } = await tallies(db);
    t.same([distinct_events, keys, seqs], [events, events, events]);
  },
);
