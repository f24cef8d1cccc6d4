import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { openJobs } from '../../src/jobs/index.ts';
import { silentLog } from '../../src/log.ts';
import { testDatabase } from '../support/database.ts';

t.test('a job is done once, and again after it failed', { timeout: 60_000 }, async (t) => {
  const jobs = await openJobs(await testDatabase(t), silentLog);
  t.teardown(() => jobs.stop());
  const seen: object[] = [];
  await jobs.work('count', async (data) => {
    seen.push(data);
    if (seen.length === 1) throw new Error('not yet');
  });
  await jobs.send('count', { n: 7 }, { retryDelay: 1 });
  for (let waited = 0; seen.length < 2 && waited < 300; waited++) await sleep(100);
  t.same(seen, [{ n: 7 }, { n: 7 }]);
});
