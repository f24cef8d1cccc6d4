import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { importMovielens } from '../../../src/imports/index.ts';
import { testDatabase } from '../../support/database.ts';
import { importParts, logOf, newFolder, rejectsOf, write } from '../../support/imports.ts';

const root = newFolder(t);
const folderOf = (name: string, files: Record<string, string>): string => {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) write(folder, file, content);
  return folder;
};
const dat = folderOf('dat', {
  'movies.dat': '1::Toy Story (1995)::Animation|Comedy\n2::Heat (1995)::(no genres listed)\n',
  'ratings.dat': '10::1::5::978300760\n10::2::3::978302109\n11::1::4::978301968\n',
});
const csv = folderOf('csv', {
  'movies.csv':
    'movieId,title,genres\n1,"Toy Story, The ""First"" (1995)",Animation|Comedy\n2,Heat (1995),(no genres listed)\n',
  'ratings.csv':
    'userId,movieId,rating,timestamp\n10,1,5.0,978300760\n10,2,3.5,978302109\n11,1,4.0,978301968\n',
});
const LOG = { 10: ['view image:1', 'like image:1', 'view image:2'], 11: ['view image:1', 'like image:1'] };

t.test('each rating is a view, four stars and more also a like, at its own time', async (t) => {
  for (const folder of [dat, csv]) {
    const db = await testDatabase(t);
    const parts = await importParts(t, db, newFolder(t));
    t.match(await importMovielens(parts, { folder }), { accepted: 5, rejected: 0, items: 2, users: 2 });
    t.same(await logOf(db), LOG);
    const { rows } = await db.pool.query('select distinct occurred_at at, synthetic from events order by 1');
    t.same(
      rows.map(({ at }) => at.getTime() / 1000),
      [978300760, 978301968, 978302109],
    );
    t.ok(rows.every(({ synthetic }) => !synthetic));
    t.same((await parts.catalog.get('image', '1'))?.tags, ['Animation', 'Comedy']);
    t.same((await parts.catalog.get('image', '2'))?.tags, []);
    t.match(await importMovielens(parts, { folder }), { accepted: 0, duplicate: 5, items: 0 }, 'once only');
  }
});

t.test('quotes and commas inside a title belong to it', async (t) => {
  const parts = await importParts(t, await testDatabase(t), newFolder(t));
  await importMovielens(parts, { folder: csv });
  t.equal((await parts.catalog.get('image', '1'))?.title, 'Toy Story, The "First" (1995)');
});

t.test('ratings that cannot be true are rejected by themselves', async (t) => {
  const db = await testDatabase(t);
  const parts = await importParts(t, db, newFolder(t));
  const folder = folderOf('bad', {
    'movies.csv': 'movieId,title,genres\n1,"open,Comedy\nx,Heat,Crime\n2,Heat\n3,Ran,Drama\n',
    'ratings.csv':
      'userId,movieId,rating,timestamp\n1,3,6,978300760\n1,3,,978300760\n1,3,NaN,978300760\n1,3,4,253370764800\n1,3,4,never\n1,3,4\n1,3,4,978300760\n',
  });
  const report = await importMovielens(parts, { folder });
  t.match(report, { accepted: 2, rejected: 9, items: 1 });
  t.same(
    rejectsOf(report).map(({ file, line, code }) => `${file}:${line} ${code}`),
    [
      ...[2, 3, 4].map((line) => `movies.csv:${line} movie-invalid`),
      ...[2, 3, 4].map((line) => `ratings.csv:${line} rating-invalid`),
      'ratings.csv:5 time-invalid',
      'ratings.csv:6 time-invalid',
      'ratings.csv:7 rating-invalid',
    ],
  );
  t.same(await logOf(db), { 1: ['view image:3', 'like image:3'] });
});

t.test('a folder without MovieLens’ files is said to be so', async (t) => {
  const parts = await importParts(t, await testDatabase(t), newFolder(t));
  await t.rejects(importMovielens(parts, { folder: root }), { code: 'file-unreadable' });
});
