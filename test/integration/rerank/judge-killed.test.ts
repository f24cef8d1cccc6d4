import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startJudge } from '../../judge/server.ts';
import { tasteWorld } from '../../support/taste-world.ts';

t.setTimeout(300_000);

const ways = { slow: 0.5, slowMs: 50 };
let judge = await startJudge(ways);
const port = Number(new URL(judge.url).port);
t.teardown(() => judge.close());
const world = await tasteWorld(t, {
  ...{ VLM_BASE_URL: judge.url, VLM_MODEL: 'judge', VLM_PICTURE_SIDE: 96, RERANK_DEPTH: 10 },
  RERANK_DEADLINE_MS: 2_000,
});

t.test('no list is lost while the model’s server is killed and started again under load', async (t) => {
  const people = ['ada', 'ben', 'cleo'];
  let isOver = false;
  const lists: { items: unknown[]; degraded: { stage: string }[] }[] = [];
  const load = people.map(async (person) => {
    while (!isOver) {
      lists.push(await world.ask(person, { rerank: 'wait' }));
      // Every list is a new question.
      await world.db.pool.query('delete from reranks');
    }
  });
  for (let kill = 0; kill < 3; kill++) {
    await sleep(1_000);
    await judge.close();
    await sleep(500);
    judge = await startJudge({ ...ways, port });
  }
  isOver = true;
  await Promise.all(load);
  t.ok(lists.length >= 6, `${lists.length} lists`);
  const lengths = new Set(lists.map(({ items }) => items.length));
  t.same(lengths.size, 1, 'all whole');
  t.ok([...lengths][0]! > 0);
  // On a busy machine another stage may be late as well, and say so.
  t.ok(
    lists.some(({ degraded }) => degraded.some(({ stage }) => stage === 'rerank')),
    'some say that the model was away',
  );
});
