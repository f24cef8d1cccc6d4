import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { testDatabase } from '../support/database.ts';
import { openTestTrainings, over, until } from '../support/trainings.ts';

t.test('a training that is cancelled while its inputs are written ends without having begun', async (t) => {
  let parts = 0;
  const endless = async (_: unknown, between: () => Promise<void>) => {
    for (;;) {
      parts++;
      await sleep(20);
      await between();
    }
  };
  const nobody = ['http://127.0.0.1:9'];
  const options = { times: { lease: 600 }, prepare: endless };
  const trainings = await openTestTrainings(t, await testDatabase(t), t.testdir(), nobody, options);
  const { id } = await trainings.start('count', {});
  while (parts === 0) await sleep(20);
  await trainings.cancel(id);
  t.match(await until(trainings, id, over, 30_000), { state: 'cancelled', attempt: 0, error: null });
  const before = parts;
  await sleep(200);
  t.equal(parts, before, 'nothing more is written');
});
