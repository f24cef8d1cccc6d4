import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { SafetyPolicy } from '../../../src/catalog/types.ts';
import { openKept } from '../../../src/images/index.ts';
import { importCsv, importMovielens, importNdjson, importSequences } from '../../../src/imports/index.ts';
import { testDatabase } from '../../support/database.ts';
import { importParts, newFolder, rejectsOf, write } from '../../support/imports.ts';
import { blackPng } from '../../support/pictures.ts';

const folder = newFolder(t);
const file = write(
  folder,
  'items.ndjson',
  ['{"kind":"image","id":"unrated"}', '{"kind":"image","id":"rated","browsingLevel":8}'].join('\n'),
);
const fresh = async (t: { teardown(close: () => unknown): void }) => {
  const db = await testDatabase(t);
  return { db, parts: await importParts(t, db, newFolder(t)) };
};

t.test('the policy decides of items without a level alone, and is recorded', async (t) => {
  const expected: [SafetyPolicy, number, string][] = [
    [{ mode: 'trusted' }, 1, 'policy'],
    [{ mode: 'level', level: 4 }, 4, 'policy'],
    [{ mode: 'unknown' }, 0, 'unknown'],
  ];
  for (const [safety, effectiveLevel, safetySource] of expected) {
    const { db, parts } = await fresh(t);
    const report = await importNdjson(parts, { file, safety });
    t.same(report.safety, safety);
    t.match(await parts.catalog.get('image', 'unrated'), { effectiveLevel, safetySource });
    t.match(await parts.catalog.get('image', 'rated'), { effectiveLevel: 8, safetySource: 'declared' });
    const { rows } = await db.pool.query('select policy, kind, done from imports where id = $1', [report.id]);
    t.same(rows, [{ policy: safety, kind: 'ndjson', done: true }]);
  }
});

t.test('what is unknown is held back, counted, and listed for the operator', async (t) => {
  const { parts } = await fresh(t);
  await importNdjson(parts, { file });
  t.match(await parts.catalog.counts(), { images: 2, heldBack: 1 });
  t.same(await parts.catalog.heldBack(10), [{ kind: 'image', id: 'unrated', reason: 'level-unknown' }]);
  await importNdjson(parts, { file, safety: { mode: 'trusted' } });
  t.match(
    await parts.catalog.counts(),
    { heldBack: 0 },
    'the same file under another policy is another import',
  );
});

t.test('sequences and MovieLens are trusted unless told otherwise', async (t) => {
  const { parts } = await fresh(t);
  const pairs = write(folder, 'pairs.txt', 'ann 1\n');
  write(folder, 'movies.dat', '2::Heat (1995)::Crime\n');
  write(folder, 'ratings.dat', 'ann::2::5::978300760\n');
  await importSequences(parts, { file: pairs });
  await importMovielens(parts, { folder });
  for (const id of ['1', '2']) t.match(await parts.catalog.get('image', id), { effectiveLevel: 1 });
  await importSequences(parts, { file: pairs, safety: { mode: 'unknown' } });
  t.match(await parts.catalog.get('image', '1'), { effectiveLevel: 0 });
});

t.test('a table of unrated pictures is held until each was looked at', async (t) => {
  const { parts } = await fresh(t);
  const table = write(
    folder,
    'pictures.csv',
    'file,title,tags,browsingLevel\na b.png,"Castle, foggy",castle|fog,\nc.png,Rated,,2\nshort row\n',
  );
  const report = await importCsv(parts, {
    ...{ file: table, pictures: 'https://pictures.example.org/set' },
    safety: { mode: 'classify' },
  });
  t.match(report, { items: 2, rejected: 1 });
  t.match(await parts.catalog.get('image', 'a b.png'), {
    ...{ url: 'https://pictures.example.org/set/a%20b.png', title: 'Castle, foggy', tags: ['castle', 'fog'] },
    ...{ effectiveLevel: 0, safetyReasons: ['unclassified'] },
  });
  t.match(await parts.catalog.get('image', 'c.png'), { effectiveLevel: 2, safetySource: 'declared' });
  const other = write(folder, 'other.csv', 'name,title\na,b\n');
  await t.rejects(importCsv(parts, { file: other }), { code: 'csv-header', status: 400 });
});

t.test(
  'pictures of a folder are kept, each by what it shows, and nothing outside of it is read',
  async (t) => {
    const { parts } = await fresh(t);
    const set = newFolder(t);
    const kept = openKept(join(set, 'kept'));
    write(set, 'a b.png', blackPng(9, 9));
    write(set, 'notes.txt', 'no picture');
    write(set, 'drawn.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
    symlinkSync(file, join(set, 'link.png'));
    const names = [
      'a b.png',
      'notes.txt',
      'drawn.svg',
      'link.png',
      'none.png',
      '../items.ndjson',
      '/dev/zero',
      '.',
    ];
    const table = write(folder, 'kept.csv', ['file', ...names].join('\n'));
    const options = { file: table, pictures: set, safety: { mode: 'classify' } as const };
    const report = await importCsv({ ...parts, kept }, options);
    t.match(report, { items: 1, rejected: 7 });
    t.same(
      rejectsOf(report).map(({ code }) => code),
      [
        'image-format',
        'svg-refused',
        'image-outside',
        'image-missing',
        'image-missing',
        'image-outside',
        'image-outside',
      ],
    );
    const { url, effectiveLevel } = (await parts.catalog.get('image', 'a b.png'))!;
    t.match(url, /^\/imported\/image\/a%20b\.png\/[0-9a-f]{40}\.png$/);
    t.equal(effectiveLevel, 0);
    t.same(await kept.read(url.split('/').at(-1)!), blackPng(9, 9));
    t.equal(await kept.read('../../kept.csv'), null);
    write(set, 'a b.png', blackPng(5, 5));
    t.match(await importCsv({ ...parts, kept }, options), { items: 1 });
    t.not((await parts.catalog.get('image', 'a b.png'))!.url, url, 'another picture is another URL');
    await t.rejects(importCsv(parts, { ...options, pictures: join(set, 'nowhere') }), {
      code: 'folder-missing',
    });
  },
);
