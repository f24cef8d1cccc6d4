import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { judgeProcess } from '../../support/judge-process.ts';
import { tasteWorld } from '../../support/taste-world.ts';

t.setTimeout(600_000);

const judge = await judgeProcess(t, { slow: 0.5, slowMs: 50 });
const world = await tasteWorld(t, {
  ...{ VLM_BASE_URL: judge.url, VLM_MODEL: 'judge', VLM_PICTURE_SIDE: 96, RERANK_DEPTH: 10 },
  RERANK_DEADLINE_MS: 2_000,
});

t.test('no list is lost while the process of the model is killed and started again under load', async (t) => {
  const people = ['ada', 'ben', 'cleo'];
  let isOver = false;
  const lists: { items: unknown[]; degraded: { stage: string; code: string }[] }[] = [];
  const load = people.map(async (person) => {
    while (!isOver) {
      lists.push(await world.ask(person, { rerank: 'wait' }));
      // Every list is a new question.
      await world.db.pool.query('delete from reranks');
    }
  });
  for (let kill = 0; kill < 3; kill++) {
    await sleep(1_000);
    await judge.kill();
    const served = lists.length;
    while (lists.length < served + people.length) await sleep(50);
    await judge.restart();
  }
  isOver = true;
  await Promise.all(load);
  const lengths = new Set(lists.map(({ items }) => items.length));
  t.same(lengths, new Set([20]), `${lists.length} lists, all whole`);
  t.ok(
    lists.some(({ degraded }) => degraded.length > 0),
    'some of them without the model',
  );
  t.ok(lists.every(({ degraded }) => degraded.every(({ stage }) => stage === 'rerank')));
});

t.test('once it is back it ranks again', async (t) => {
  const other = await world.replica({ RERANK_DEADLINE_MS: 120_000 });
  await other.known('ada');
  t.match((await other.ask('ada', { rerank: 'wait' })).versions.rerank, /^vlm\/judge/);
});
