import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import t from 'tap';
import { groupCommit } from '../../../src/recommend/group-commit.ts';

t.test('rows that come while a write is out share the next one', async (t) => {
  const groups: number[][] = [];
  const commit = groupCommit<number>(async (rows) => {
    groups.push(rows);
    await sleep(20);
  });
  const first = commit.add(1);
  while (groups.length === 0) await sleep(1);
  await Promise.all([first, ...[2, 3, 4].map((row) => commit.add(row))]);
  t.same(groups, [[1], [2, 3, 4]]);
});

t.test('rows of one turn share a write, though each comes by a callback of its own', async (t) => {
  const groups: number[][] = [];
  const commit = groupCommit<number>(async (rows) => void groups.push(rows));
  const { port1, port2 } = new MessageChannel();
  const written: Promise<void>[] = [];
  await new Promise<void>((all) => {
    port2.on('message', (row: number) => {
      if (written.push(commit.add(row)) === 3) all();
    });
    for (const row of [1, 2, 3]) port1.postMessage(row);
  });
  await Promise.all(written);
  port1.close();
  t.same(groups, [[1, 2, 3]]);
});

t.test('nothing is acknowledged before its write has returned', async (t) => {
  let written = false;
  const commit = groupCommit<number>(async () => {
    await sleep(20);
    written = true;
  });
  await commit.add(1);
  t.ok(written);
});

t.test('a row that the database refuses fails alone', async (t) => {
  const stored: string[] = [];
  const commit = groupCommit<string>(async (rows) => {
    if (rows.includes('bad')) throw new Error('refused');
    stored.push(...rows);
  });
  const results = await Promise.allSettled(['a', 'bad', 'b'].map((row) => commit.add(row)));
  t.same(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  t.same(stored, ['a', 'b']);
});

t.test('while the database is away a whole group fails at once, and the next one is tried', async (t) => {
  let calls = 0;
  const commit = groupCommit<number>(async () => {
    calls++;
    if (calls === 1) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
  });
  const results = await Promise.allSettled([1, 2, 3].map((row) => commit.add(row)));
  t.ok(results.every(({ status }) => status === 'rejected'));
  t.equal(calls, 1);
  await commit.add(4);
  t.equal(calls, 2);
});

t.test('settled waits for what was added', async (t) => {
  let written = 0;
  const commit = groupCommit<number>(async (rows) => {
    await sleep(10);
    written += rows.length;
  });
  void commit.add(1);
  await sleep(2);
  void commit.add(2);
  await commit.settled();
  t.equal(written, 2);
});
