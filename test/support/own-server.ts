import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openDatabase } from '../../src/db/index.ts';
import { silentLog } from '../../src/log.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** A folder for one test that owns its PostgreSQL; removed with it at the end. */
export function newHome(t: { teardown(fn: () => unknown): void }, long = ''): string {
  const home = mkdtempSync(join(tmpdir(), `hamlet-own-${long}`));
  chmodSync(home, 0o755);
  t.teardown(async () => {
    await until(() => !existsSync(join(home, 'postgres/data/postmaster.pid')));
    const base = join(home, 'postgres');
    if (existsSync(base)) rmSync(realpathSync(base), { recursive: true, force: true, maxRetries: 10 });
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  });
  return home;
}

export const open = (home: string): Promise<Database> =>
  openDatabase({ DATABASE_URL: '', DATABASE_POOL: 4, HAMLET_HOME: home }, silentLog);

/** Another process that holds the home's database and inserts, and the ids it was told are stored. */
export async function holder(home: string, name: string, user?: number, checkout = ROOT) {
  const script = join(checkout, 'test/support/hold-database.ts');
  const child: ChildProcess = spawn(process.execPath, [script, home, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  const acknowledged: string[] = [];
  let rest = '';
  let opened = () => {};
  const ready = new Promise<void>((done, failed) => {
    opened = done;
    child.once('exit', (code) => failed(new Error(`the holder ended with ${code}`)));
  });
  child.stdout!.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      if (line === 'open') opened();
      else acknowledged.push(line);
    }
  });
  await ready;
  return { child, acknowledged };
}

/** Kills a holder; when this is done, all that it said has arrived here. */
export async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

/** The ids that the database has not. */
export async function missing(db: Database, ids: string[]): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>('select id from users where id = any($1)', [ids]);
  const stored = new Set(rows.map((row) => row.id));
  return ids.filter((id) => !stored.has(id));
}

export const answers = (db: Database): Promise<boolean> =>
  db.pool.query('select 1').then(
    () => true,
    () => false,
  );

export const serverPid = (home: string): number =>
  Number(readFileSync(join(home, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);

export function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export async function until(condition: () => boolean | Promise<boolean>, ms = 30_000): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) if (await condition()) return true;
  return false;
}
