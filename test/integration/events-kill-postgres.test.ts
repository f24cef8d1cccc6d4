import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { openDatabase } from '../../src/db/index.ts';
import { HamletError } from '../../src/errors.ts';
import type { EventInput } from '../../src/events/types.ts';
import { silentLog } from '../../src/log.ts';
import { event, openReplica, stateNow } from '../support/events.ts';

// A server of its own: others must not lose theirs.
const home = await mkdtemp(join(tmpdir(), 'hamlet-kill-'));
const db = await openDatabase({ DATABASE_URL: '', DATABASE_POOL: 8, HAMLET_HOME: home }, silentLog);
const { events } = await openReplica(t, db);
t.teardown(async () => {
  await db.close();
  await rm(home, { recursive: true, force: true });
});

t.test(
  'PostgreSQL killed by SIGKILL under load has lost no acknowledged event, and callers see 503 alone',
  async (t) => {
    const acknowledged = new Set<string>();
    const unanswered: EventInput[] = [];
    const codes = new Set<string>();
    let done = false;
    const callers = Array.from({ length: 6 }, async (_, caller) => {
      for (let n = 0; !done; n++) {
        const batch = Array.from({ length: 40 }, (_, k) =>
          event(`user-${(n + k) % 30}`, `item-${caller}-${k}`),
        );
        try {
          for (const { eventId, status } of await events.ingest(batch))
            if (status === 'accepted') acknowledged.add(eventId);
          await stateNow(events, `user-${n % 30}`);
        } catch (error) {
          codes.add(error instanceof HamletError ? `${error.code} ${error.status}` : String(error));
          unanswered.push(...batch);
          await pause(50);
        }
      }
    });
    for (let kill = 0; kill < 2; kill++) {
      const before = acknowledged.size;
      await until(() => acknowledged.size > before + 1500);
      await killPostgres();
    }
    const before = acknowledged.size;
    await until(() => acknowledged.size > before + 1500);
    done = true;
    await Promise.all(callers);

    t.same([...codes], ['database-unavailable 503']);
    const { rows } = await db.pool.query(
      'select count(*)::int as found from unnest($1::text[]) id where id in (select event_id from events)',
      [[...acknowledged]],
    );
    t.equal(rows[0].found, acknowledged.size);
    const again = await events.ingest(unanswered);
    t.ok(
      again.every(({ status }) => status === 'accepted' || status === 'duplicate'),
      'sending again is safe',
    );
    for (const { eventId } of again) acknowledged.add(eventId);
    t.equal((await events.counts()).events, acknowledged.size, 'each stored once');
  },
);

/** The postmaster, by the pid that PostgreSQL itself tells. */
async function killPostgres(): Promise<void> {
  const { rows } = await db.pool.query(
    `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid`,
  );
  process.kill(rows[0].pid, 'SIGKILL');
}

const pause = (ms: number) => new Promise((over) => setTimeout(over, ms));
async function until(happened: () => boolean): Promise<void> {
  for (let n = 0; n < 600; n++) {
    if (happened()) return;
    await pause(50);
  }
  throw new Error('it did not happen within thirty seconds');
}
