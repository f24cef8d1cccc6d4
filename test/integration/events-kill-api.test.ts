import t from 'tap';
import { type ApiProcess, startApi } from '../support/api-process.ts';
import { event } from '../support/events.ts';
import { newHome, open } from '../support/own-server.ts';

const KILLS = 3;
const CALLERS = 8;

t.test(
  'an api killed by SIGKILL under load has lost no event that it acknowledged',
  { timeout: 110_000 },
  async (t) => {
    const home = newHome(t);
    const acknowledged: string[] = [];
    for (let round = 0; round < KILLS; round++)
      acknowledged.push(...(await postUntilKilled(home, 1500 + round * 777)));

    const db = await open(home);
    t.teardown(() => db.close());
    const { rows } = await db.pool.query(
      `select (select count(*)::int from unnest($1::text[]) id where id in (select event_id from events)) as found,
              (select count(*)::int from events) as events, (select count(*)::int from event_keys) as keys,
              (select sum(seq)::int from users) as seqs`,
      [acknowledged],
    );
    t.ok(acknowledged.length > KILLS * 1500);
    t.equal(rows[0].found, acknowledged.length);
    t.equal(rows[0].keys, rows[0].events, 'no key without its event');
    t.equal(rows[0].seqs, rows[0].events, 'no number without its event');
  },
);

/** Starts an api, posts events from several callers, kills it after `enough`; the ids that it acknowledged. */
async function postUntilKilled(home: string, enough: number): Promise<string[]> {
  const api = await startApi(home, { DEMO_WORLD: 'none', LOG_LEVEL: 'info' });
  const acknowledged: string[] = [];
  const killed = new Promise((done) => api.child.once('exit', done));
  await Promise.all(
    Array.from({ length: CALLERS }, async (_, caller) => {
      for (let n = 0; api.child.signalCode === null; n++) {
        acknowledged.push(...(await postBatch(api, caller, n)));
        if (acknowledged.length > enough) api.child.kill('SIGKILL');
      }
    }),
  );
  await killed;
  return acknowledged;
}

/** None when the connection broke off: what was not acknowledged may be there or not. */
async function postBatch({ url }: ApiProcess, caller: number, n: number): Promise<string[]> {
  const size = 1 + ((n * 7 + caller * 13) % 60);
  const events = Array.from({ length: size }, (_, k) => event(`user-${(n + k) % 50}`, `item-${k}`));
  try {
    const answer = await fetch(`${url}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ events }),
    });
    const { results = [] } = (await answer.json()) as { results?: { eventId: string; status: string }[] };
    return results.filter(({ status }) => status === 'accepted').map(({ eventId }) => eventId);
  } catch {
    return [];
  }
}
