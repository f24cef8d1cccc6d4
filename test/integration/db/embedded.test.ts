import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { type Database, openDatabase } from '../../../src/db/index.ts';
import { silentLog } from '../../../src/log.ts';

const HOLDER = resolve(import.meta.dirname, '../../support/hold-database.ts');

function newHome(t: { teardown(fn: () => unknown): void }, long = ''): string {
  const home = mkdtempSync(join(tmpdir(), `hamlet-own-${long}`));
  chmodSync(home, 0o755);
  t.teardown(() => rmSync(home, { recursive: true, force: true, maxRetries: 10 }));
  return home;
}
const open = (home: string): Promise<Database> =>
  openDatabase({ DATABASE_URL: '', DATABASE_POOL: 4, HAMLET_HOME: home }, silentLog);

/** A holder process and the ids it was told are stored. */
async function holder(home: string, name: string, user?: number) {
  const child: ChildProcess = spawn(process.execPath, [HOLDER, home, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  const acknowledged: string[] = [];
  let rest = '';
  let opened = () => {};
  const ready = new Promise<void>((done) => {
    opened = done;
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

const serverPid = (home: string): number =>
  Number(readFileSync(join(home, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
async function until(condition: () => boolean | Promise<boolean>, ms = 20_000): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) if (await condition()) return true;
  return false;
}
async function missing(db: Database, ids: string[]): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>('select id from users where id = any($1)', [ids]);
  const stored = new Set(rows.map((row) => row.id));
  return ids.filter((id) => !stored.has(id));
}

t.test(
  'two processes share one server, which ends after the last of them was killed',
  { timeout: 90_000 },
  async (t) => {
    const home = newHome(t);
    const [a, b] = await Promise.all([holder(home, 'a'), holder(home, 'b')]);
    const pid = serverPid(home);
    a.child.kill('SIGKILL');
    await sleep(2500);
    t.ok(alive(pid), 'the other one still needs it');
    b.child.kill('SIGKILL');
    t.ok(await until(() => !alive(pid)), 'no one is left');
    const db = await open(home);
    t.same(await missing(db, [...a.acknowledged, ...b.acknowledged]), []);
    await db.close();
  },
);

t.test(
  'a server killed under load comes back with every acknowledged row',
  { timeout: 90_000 },
  async (t) => {
    const home = newHome(t);
    const db = await open(home);
    const { child, acknowledged } = await holder(home, 'load');
    for (let round = 0; round < 2; round++) {
      const before = acknowledged.length;
      t.ok(await until(() => acknowledged.length > before + 50));
      process.kill(serverPid(home), 'SIGKILL');
      const killedAt = acknowledged.length;
      t.ok(await until(() => acknowledged.length > killedAt + 50), 'inserts go on after recovery');
    }
    child.kill('SIGKILL');
    t.same(await missing(db, acknowledged), []);
    await db.close();
  },
);

t.test(
  'when the supervisor is killed too, the next process finds everything',
  { timeout: 90_000 },
  async (t) => {
    const home = newHome(t);
    const { child, acknowledged } = await holder(home, 'alone');
    t.ok(await until(() => acknowledged.length > 50));
    const pid = serverPid(home);
    const supervisor = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[1]);
    process.kill(supervisor, 'SIGKILL');
    const before = acknowledged.length;
    t.ok(await until(() => acknowledged.length > before + 50), 'a new supervisor takes over');
    child.kill('SIGKILL');
    const db = await open(home);
    t.same(await missing(db, acknowledged), []);
    await db.close();
  },
);

t.test('it works under a path too long for a socket', { timeout: 60_000 }, async (t) => {
  const db = await open(newHome(t, 'x'.repeat(100)));
  t.equal((await db.pool.query('select 1 as one')).rows[0].one, 1);
  await db.close();
});

t.test('it works for an ordinary user', { timeout: 60_000 }, async (t) => {
  const home = newHome(t);
  chmodSync(home, 0o777);
  const asRoot = process.getuid?.() === 0;
  const { child, acknowledged } = await holder(home, 'user', asRoot ? 65534 : undefined);
  t.ok(await until(() => acknowledged.length > 10));
  const pid = serverPid(home);
  child.kill('SIGKILL');
  t.ok(await until(() => !alive(pid)));
});

t.test('a root-only home is no obstacle for root', { timeout: 60_000 }, async (t) => {
  const home = newHome(t);
  chmodSync(home, 0o700);
  const inner = join(home, '.hamlet');
  const db = await open(inner);
  t.equal((await db.pool.query('select 1 as one')).rows[0].one, 1);
  await db.close();
});
