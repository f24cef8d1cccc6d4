import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { placesOf } from '../../../src/db/embedded/places.ts';
import { alive, holder, newHome, open, serverPid, until } from '../../support/own-server.ts';

t.setTimeout(240_000);

const asRoot = process.getuid?.() === 0;
const countUsers = "select count(*) as n from users where id = 'someone'";

t.test('it works under a path too long for a socket, if no one else made the short folder', async (t) => {
  const home = newHome(t, 'x'.repeat(100));
  const { run } = placesOf(home);
  t.teardown(() => rmSync(run, { recursive: true, force: true }));
  t.ok(Buffer.byteLength(join(run, '.s.PGSQL.5432')) < 104);
  mkdirSync(run, { mode: 0o777 });
  chmodSync(run, 0o777); // as another user of this machine could, to pose as the server
  await t.rejects(open(home), /is not a private folder/);
  rmSync(run, { recursive: true });
  const db = await open(home);
  t.same((await db.pool.query('select 1 as one')).rows, [{ one: 1 }]);
  await db.close();
});

t.test('it works for an ordinary user, and root joins that user’s server data later', async (t) => {
  const home = newHome(t);
  chmodSync(home, 0o777);
  const ordinary = 1; // daemon: initdb wants a user that has a name
  const { child, acknowledged } = await holder(home, 'user', asRoot ? ordinary : undefined);
  t.ok(await until(() => acknowledged.length > 10));
  const pid = serverPid(home);
  child.kill('SIGKILL');
  t.ok(await until(() => !alive(pid)));
  const db = await open(home);
  t.ok((await db.pool.query('select count(*) as n from users')).rows[0].n >= acknowledged.length);
  await db.close();
});

t.test('a home that only its owner can enter keeps its data until it is deleted', async (t) => {
  const outer = newHome(t);
  chmodSync(outer, 0o700);
  const home = join(outer, 'home');
  const first = await open(home);
  await first.pool.query("insert into users (id) values ('someone')");
  await first.close();
  const second = await open(home);
  t.same((await second.pool.query(countUsers)).rows, [{ n: 1 }]);
  await second.close();
  await until(() => !alive(lastPid(home)));
  const { data } = placesOf(home);
  rmSync(home, { recursive: true });
  const third = await open(home);
  t.same((await third.pool.query(countUsers)).rows, [{ n: 0 }]);
  await third.close();
  await until(() => !alive(lastPid(home)));
  for (const made of [data, placesOf(home).data]) rmSync(join(made, '..'), { recursive: true, force: true });
});

t.test('a lock file whose process id went to another program does not keep the server down', async (t) => {
  const home = newHome(t);
  await (await open(home)).close();
  const { data } = placesOf(home);
  await until(() => !alive(lastPid(home)));
  writeFileSync(join(data, 'postmaster.pid'), `${process.pid}\n${data}\n0\n5432\n\n\n`);
  const db = await open(home);
  t.not(serverPid(home), process.pid);
  await db.close();
});

t.test('data of another PostgreSQL version is refused at once, with what to do', async (t) => {
  const home = newHome(t);
  const { data } = placesOf(home);
  mkdirSync(data);
  writeFileSync(join(data, 'PG_VERSION'), '17\n');
  const started = performance.now();
  await t.rejects(open(home), /made by PostgreSQL 17, this is 18: back up with the old version/);
  t.ok(performance.now() - started < 20_000);
  t.equal(readFileSync(join(data, 'PG_VERSION'), 'utf8'), '17\n');
});

/** Process id of the server while its lock file is there; 0, which is always "alive", never comes back. */
function lastPid(home: string): number {
  try {
    return serverPid(home);
  } catch {
    return 2 ** 22; // beyond any process id: the server has ended and taken its lock file along
  }
}
