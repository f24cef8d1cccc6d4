import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import t from 'tap';
import { importSequences } from '../../../src/imports/index.ts';
import { testDatabase } from '../../support/database.ts';
import { dyingAt, importParts, newFolder, rejectsOf, tallies, write } from '../../support/imports.ts';

const SCRIPT = resolve(import.meta.dirname, '../../support/import-until-killed.ts');
const ROWS = 60_000;
const BAD_EVERY = 1000;
const BAD = ROWS / BAD_EVERY;
const folder = newFolder(t);
const line = (n: number) =>
  n % BAD_EVERY === 7 ? `lonely-${n}` : `user-${n % 400} item-${(n * 7919) % 5000}`;
const lines = Array.from({ length: ROWS }, (_, n) => line(n));
const file = write(folder, 'large.txt', lines.join('\n'));
const items = new Set(lines.flatMap((text) => text.split(' ')[1] ?? [])).size;
const GOOD = ROWS - BAD;
const whole = { events: GOOD, distinct_events: GOOD, keys: GOOD, seqs: GOOD, items };

t.test('an import killed by SIGKILL goes on: nothing is lost, nothing is there twice', async (t) => {
  const db = await testDatabase(t);
  const home = newFolder(t);
  const { host, database } = db.pool.options as { host: string; database: string };

  for (const enough of [5_000, 22_000, 45_000])
    await new Promise<void>((done, fail) => {
      const child = spawn(process.execPath, [SCRIPT, host, database, home, file], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child.stdout.on('data', (chunk) => {
        const stored = Number(String(chunk).trim().split('\n').at(-1));
        if (stored >= enough) child.kill('SIGKILL');
      });
      child.once('close', (_code, signal) =>
        signal === 'SIGKILL' ? done() : fail(new Error('the import was too fast to be killed')),
      );
    });

  const half = await tallies(db);
  t.ok(half.events > 0 && half.events < GOOD, `${half.events} events when it was killed`);
  t.equal(half.keys, half.events);
  t.equal(half.seqs, half.events);
  const report = await importSequences(await importParts(t, db, home), { file, format: 'pairs' });
  t.ok(report.resumedAfter > 0, `went on after row ${report.resumedAfter}`);
  t.ok(report.rows < ROWS, 'and did not read what was done as work to do');
  t.same(await tallies(db), whole);
  t.same(
    rejectsOf(report).map(({ row }) => row),
    Array.from({ length: BAD }, (_, n) => n * BAD_EVERY + 8),
    'each bad row is in the reject file, once',
  );
});

t.test('a crash between a batch and its note repeats the batch, which changes nothing', async (t) => {
  const db = await testDatabase(t);
  const parts = await importParts(t, db, newFolder(t));
  const dying = dyingAt(parts, 3);
  await t.rejects(importSequences(dying, { file, format: 'pairs' }), { message: 'killed here' });
  const before = await tallies(db);
  const report = await importSequences(parts, { file, format: 'pairs' });
  t.ok(report.duplicate >= 19_000, `${report.duplicate} events came again`);
  t.equal(report.accepted + before.events, GOOD);
  t.same(await tallies(db), whole);
});
