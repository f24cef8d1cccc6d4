import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import t from 'tap';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase(t);
const { host, database } = db.pool.options as { host: string; database: string };
const SCRIPT = resolve(import.meta.dirname, '../support/ingest-until-killed.ts');
const KILLS = 3;

t.test('an api killed by SIGKILL under load has lost no event that it acknowledged', async (t) => {
  const acknowledged: string[] = [];
  for (let round = 0; round < KILLS; round++) acknowledged.push(...(await ingestAndKill(1500 + round * 777)));
  const { rows } = await db.pool.query(
    `select (select count(*)::int from unnest($1::text[]) id where id in (select event_id from events)) as found,
            (select count(*)::int from events) as events, (select count(*)::int from event_keys) as keys,
            (select sum(seq)::int from users) as seqs`,
    [acknowledged],
  );
  t.ok(acknowledged.length > KILLS * 1500);
  t.equal(rows[0].found, acknowledged.length);
  t.equal(rows[0].keys, rows[0].events, 'no key without its event');
  t.equal(rows[0].seqs, rows[0].events, 'no number without its event');
});

/** Ids that a child acknowledged before it was killed, some time after `enough` of them. */
function ingestAndKill(enough: number): Promise<string[]> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [SCRIPT, host, database], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.length > enough * 37) child.kill('SIGKILL');
    });
    child.once('close', (_code, signal) => {
      if (signal !== 'SIGKILL') fail(new Error('the child ended by itself'));
      // A line that was cut off was not acknowledged.
      else done(out.split('\n').slice(0, -1));
    });
  });
}
