import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import {
  alive,
  answers,
  holder,
  kill,
  missing,
  newHome,
  open,
  serverPid,
  until,
} from '../../support/own-server.ts';

t.setTimeout(240_000);

t.test('two processes share one server, which ends after the last of them was killed', async (t) => {
  const home = newHome(t);
  const [a, b] = await Promise.all([holder(home, 'a'), holder(home, 'b')]);
  const pid = serverPid(home);
  await kill(a.child);
  await sleep(2500);
  t.ok(alive(pid), 'the other one still needs it');
  await kill(b.child);
  t.ok(await until(() => !alive(pid)), 'no one is left');
  const db = await open(home);
  t.same(await missing(db, [...a.acknowledged, ...b.acknowledged]), []);
  await db.close();
});

t.test('a server killed under load comes back with every acknowledged row', async (t) => {
  const home = newHome(t);
  const db = await open(home);
  const { child, acknowledged } = await holder(home, 'load');
  for (let round = 0; round < 2; round++) {
    const before = acknowledged.length;
    t.ok(await until(() => acknowledged.length > before + 50));
    const killed = serverPid(home);
    process.kill(killed, 'SIGKILL');
    // Not before: acknowledgements from before the kill may still be on their way here.
    t.ok(await until(async () => (await answers(db)) && serverPid(home) !== killed), 'another is back');
    const recoveredAt = acknowledged.length;
    t.ok(await until(() => acknowledged.length > recoveredAt + 50), 'inserts go on after recovery');
  }
  await kill(child);
  t.same(await missing(db, acknowledged), []);
  await db.close();
});

t.test('when the supervisor is killed, a new one takes over and nothing is lost', async (t) => {
  const home = newHome(t);
  const { child, acknowledged } = await holder(home, 'alone');
  t.ok(await until(() => acknowledged.length > 50));
  const pid = serverPid(home);
  const supervisor = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[1]);
  process.kill(supervisor, 'SIGKILL');
  t.ok(await until(() => !alive(pid)), 'the server without a supervisor is replaced');
  const before = acknowledged.length;
  t.ok(await until(() => acknowledged.length > before + 50));
  await kill(child);
  const db = await open(home);
  t.same(await missing(db, acknowledged), []);
  await db.close();
});
