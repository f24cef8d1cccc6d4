import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { listArtifacts } from '../../src/models/index.ts';
import { getTraining } from '../../src/trainings/store.ts';
import { testDatabase } from '../support/database.ts';
import { processesOf, type SidecarProcess, startSidecar } from '../support/sidecar.ts';
import { atStep, openTestTrainings, over, until } from '../support/trainings.ts';

t.setTimeout(1_200_000);
const SCRIPT = resolve(import.meta.dirname, '../support/carry-trainings.ts');
const SPEC = { steps: 60, seconds: 0.05 };
const portIn = ({ url }: SidecarProcess) => Number(new URL(url).port);

/** A database that counts how often a training came to an end, whoever brought it there. */
async function countingDatabase(t: Test) {
  const db = await testDatabase(t);
  await db.pool.query(`
    create table ends (id uuid, state text);
    create function count_ends() returns trigger language plpgsql as
      $$ begin insert into ends values (new.id, new.state); return new; end $$;
    create trigger count_ends after update on trainings for each row
      when (new.result is distinct from old.result or (new.finished_at is distinct from old.finished_at))
      execute function count_ends();`);
  const ends = async (id: string) =>
    (await db.pool.query<{ state: string }>('select state from ends where id = $1', [id])).rows;
  return { db, ends, getter: { get: (id: string) => getTraining(db, id) } };
}

async function doneOnce(
  t: Test,
  home: string,
  { db, ends, getter }: Awaited<ReturnType<typeof countingDatabase>>,
  id: string,
) {
  const ended = await until(getter, id, over, 120_000);
  t.match(ended, { state: 'done', error: null });
  t.same(await ends(id), [{ state: 'done' }], 'one result was committed');
  t.equal((await listArtifacts(db, 'toy')).length, 1);
  return { ended, processes: processesOf(home, id) };
}

t.test(
  'a job’s process killed in mid-job: it goes on from its checkpoint, and one result is committed',
  async (t) => {
    const home = t.testdir();
    const sidecar = await startSidecar(t, home);
    const counting = await countingDatabase(t);
    const trainings = await openTestTrainings(t, counting.db, home, [sidecar.url]);
    const { id } = await trainings.start('make_artifact', SPEC);
    await until(trainings, id, atStep(10));
    process.kill(processesOf(home, id)[0]!, 'SIGKILL');
    const { ended, processes } = await doneOnce(t, home, counting, id);
    t.match(ended, { attempt: 2 });
    t.ok((ended.result!.resumedAt as number) >= 10, `resumed at ${ended.result!.resumedAt}`);
    t.equal(processes.length, 2);
  },
);

t.test('a sidecar killed for good: another one goes on from the checkpoint', async (t) => {
  const home = t.testdir();
  const [first, second] = await Promise.all([startSidecar(t, home), startSidecar(t, home)]);
  const counting = await countingDatabase(t);
  const urls = [first!.url, second!.url];
  const trainings = await openTestTrainings(t, counting.db, home, urls, { times: { unreachable: 1000 } });
  const { id } = await trainings.start('make_artifact', SPEC);
  const { sidecar } = await until(trainings, id, atStep(10));
  await (sidecar === first!.url ? first! : second!).kill();
  const { ended } = await doneOnce(t, home, counting, id);
  t.not(ended.sidecar, sidecar);
  t.ok((ended.result!.resumedAt as number) >= 10);
});

t.test('an api killed in mid-job: another takes the running job over as it is', async (t) => {
  const home = t.testdir();
  const sidecar = await startSidecar(t, home);
  const counting = await countingDatabase(t);
  const killed = await api(t, counting.db, home, [sidecar.url]);
  const silent = await openTestTrainings(t, counting.db, home, [sidecar.url]);
  // Only the process that is killed may have it at first: the other opens its eyes after that.
  silent.stop();
  const { id } = await silent.start('make_artifact', { ...SPEC, seconds: 0.4 });
  await until(counting.getter, id, atStep(3));
  killed.kill('SIGKILL');
  await api(t, counting.db, home, [sidecar.url]);
  const { ended, processes } = await doneOnce(t, home, counting, id);
  t.match(ended, { attempt: 1, result: { resumedAt: 0 } });
  t.equal(processes.length, 1, 'the job ran through');
});

t.test('an api closed in mid-job hands the running job over at once', async (t) => {
  const home = t.testdir();
  const sidecar = await startSidecar(t, home);
  const counting = await countingDatabase(t);
  const closing: (() => unknown)[] = [];
  const closed = await openTestTrainings({ teardown: (fn) => closing.push(fn) }, counting.db, home, [
    sidecar.url,
  ]);
  const { id } = await closed.start('make_artifact', { ...SPEC, seconds: 0.2 });
  await until(counting.getter, id, atStep(3));
  for (const close of closing) await close();
  await openTestTrainings(t, counting.db, home, [sidecar.url]);
  const { ended, processes } = await doneOnce(t, home, counting, id);
  t.match(ended, { attempt: 1, result: { resumedAt: 0 } });
  t.equal(processes.length, 1);
});

t.test('whoever is killed, however often: one result, never none', async (t) => {
  const home = t.testdir();
  let sidecar = await startSidecar(t, home);
  const port = portIn(sidecar);
  const counting = await countingDatabase(t);
  const apis = [
    await api(t, counting.db, home, [sidecar.url]),
    await api(t, counting.db, home, [sidecar.url]),
  ];
  const asker = await openTestTrainings(t, counting.db, home, [sidecar.url]);
  asker.stop();
  const { id } = await asker.start('make_artifact', { steps: 170, seconds: 0.15 });
  // An api's death is noticed after 10 to 15 seconds, in which the job goes on by itself.
  const victims = [
    [5, 'job'],
    [12, 'sidecar'],
    [20, 'api'],
    [150, 'sidecar'],
    [160, 'job'],
  ] as const;
  for (const [step, victim] of victims) {
    await until(counting.getter, id, atStep(step), 120_000);
    if (victim === 'job') process.kill(processesOf(home, id).at(-1)!, 'SIGKILL');
    if (victim === 'api') for (const one of apis) one.kill('SIGKILL');
    if (victim === 'api') await api(t, counting.db, home, [sidecar.url]);
    if (victim !== 'sidecar') continue;
    await sidecar.kill();
    sidecar = await startSidecar(t, home, { port });
  }
  const { ended, processes } = await doneOnce(t, home, counting, id);
  t.ok((ended.result!.resumedAt as number) >= 150);
  t.equal(processes.length, 5, 'one for the beginning and one for each time it was lost');
  await sleep(1000);
  t.same(await counting.ends(id), [{ state: 'done' }], 'and nothing comes after');
});

async function api(
  t: Test,
  db: { pool: { options: unknown } },
  home: string,
  urls: string[],
): Promise<ChildProcess> {
  const { host, database } = db.pool.options as { host: string; database: string };
  const child = spawn(process.execPath, [SCRIPT, host, database, join(home), urls.join(',')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout!, 'data');
  return child;
}
