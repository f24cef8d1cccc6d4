import t from 'tap';
import { importSequences } from '../../../src/imports/index.ts';
import { testDatabase } from '../../support/database.ts';
import { stateNow } from '../../support/events.ts';
import { importParts, logOf, newFolder, rejectsOf, tallies, write } from '../../support/imports.ts';

const folder = newFolder(t);
const pairs = write(folder, 'pairs.txt', 'ann 7\nann 9\n\nbob 9\r\nann 8\nbob 7\n');
const rows = write(folder, 'rows.txt', 'ann 7 9 8\nbob 9 7\n');
const titles = write(
  folder,
  'titles.dat',
  Buffer.from('1::Am\xe9lie (2001)::Comedy|Romance\n2::Heat (1995)::\n', 'latin1'),
);
const map = write(folder, 'map.txt', '7 1\n9 2\n');

const fresh = async (t: Tap) => {
  const db = await testDatabase(t);
  return { db, parts: await importParts(t, db, newFolder(t)) };
};
type Tap = { teardown(close: () => unknown): void };

t.test('pairs and rows are two ways to write the same histories', async (t) => {
  const logs = [];
  for (const file of [pairs, rows]) {
    const { db, parts } = await fresh(t);
    const report = await importSequences(parts, { file });
    t.match(report, {
      accepted: 5,
      duplicate: 0,
      conflict: 0,
      rejected: 0,
      items: 3,
      users: 2,
      rejectFile: null,
    });
    logs.push(await logOf(db));
  }
  const ann = ['like image:7', 'like image:9', 'like image:8'];
  t.same(logs[0], { ann, bob: ['like image:9', 'like image:7'] });
  t.same(logs[1], logs[0]);
});

t.test('a file of rows that looks like pairs is read as it is told', async (t) => {
  const { db, parts } = await fresh(t);
  const file = write(folder, 'short.txt', 'ann 7\nbob 9\n');
  await importSequences(parts, { file, format: 'rows' });
  t.same(await logOf(db), { ann: ['like image:7'], bob: ['like image:9'] });
});

t.test('titles come by way of the map, in their own encoding, with the genres as tags', async (t) => {
  const { parts } = await fresh(t);
  await importSequences(parts, { file: pairs, titles, map });
  t.match(await parts.catalog.get('image', '7'), { title: 'Amélie (2001)', tags: ['Comedy', 'Romance'] });
  t.match(await parts.catalog.get('image', '9'), { title: 'Heat (1995)', tags: [] });
  t.match(await parts.catalog.get('image', '8'), { title: '' }, 'without a title it is there all the same');
});

t.test('steps are an order and not times: one minute apart, and marked so', async (t) => {
  const { db, parts } = await fresh(t);
  await importSequences(parts, { file: pairs });
  const { rows: gaps } = await db.pool.query(
    `select extract(epoch from occurred_at - lag(occurred_at) over (partition by user_ref order by seq))::int as gap,
       synthetic from events order by user_ref, seq`,
  );
  t.same(
    gaps.map(({ gap }) => gap),
    [null, 60, 60, null, 60],
  );
  t.ok(gaps.every(({ synthetic }) => synthetic));
});

t.test('what was imported is a person’s state at once', async (t) => {
  const { parts } = await fresh(t);
  await importSequences(parts, { file: pairs });
  const { recent } = await stateNow(parts.events, 'ann');
  t.same(
    recent.map(({ item }) => parts.catalog.columns.idOf(item)),
    ['7', '9', '8'],
  );
});

t.test('importing again changes nothing; a longer file brings what is new', async (t) => {
  const { db, parts } = await fresh(t);
  const file = write(folder, 'growing.txt', 'ann 7\nann 9\n');
  await importSequences(parts, { file });
  const once = await tallies(db);
  t.match(await importSequences(parts, { file }), {
    accepted: 0,
    duplicate: 2,
    items: 0,
    unchanged: 2,
    resumedAfter: 0,
  });
  t.same(await tallies(db), once);
  write(folder, 'growing.txt', 'ann 7\nann 9\nann 8\n');
  t.match(await importSequences(parts, { file }), { accepted: 1, duplicate: 2, items: 1 });
});

t.test('rows that cannot be used are named with file, line and reason; the rest goes on', async (t) => {
  const { db, parts } = await fresh(t);
  const long = 'x'.repeat(300);
  const file = write(
    folder,
    'hostile.txt',
    `ann 7\nlonely\nann 7 9\nann ${long}\nann \u0000\n${'y'.repeat(17 * 2 ** 20)}\nann 9\n`,
  );
  const bad = write(folder, 'bad-titles.dat', 'no title\n1::Heat::Crime\n');
  const report = await importSequences(parts, { file, format: 'pairs', titles: bad });
  t.match(report, { accepted: 2, rejected: 6 });
  t.match(rejectsOf(report), [
    { file: 'bad-titles.dat', line: 1, code: 'title-invalid', detail: 'no title' },
    { file: 'hostile.txt', line: 2, code: 'row-invalid', detail: 'lonely' },
    { line: 3, code: 'row-invalid', detail: 'ann 7 9' },
    { line: 4, code: 'id-too-long' },
    { line: 5, code: 'text-unclean' },
    { line: 6, code: 'line-too-long' },
  ]);
  t.same(await logOf(db), { ann: ['like image:7', 'like image:9'] });
});

t.test('a file that is not there, or is a folder, is said to be so', async (t) => {
  const { parts } = await fresh(t);
  for (const file of [`${folder}/none.txt`, folder])
    await t.rejects(importSequences(parts, { file }), { code: 'file-unreadable', status: 400 });
});
