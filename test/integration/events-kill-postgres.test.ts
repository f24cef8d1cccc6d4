import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { HamletError } from '../../src/errors.ts';
import type { EventInput } from '../../src/events/types.ts';
import { event, openReplica, stateNow } from '../support/events.ts';
import { newHome, open, serverPid, until } from '../support/own-server.ts';

// A server of its own: others must not lose theirs.
const home = newHome(t);
const db = await open(home);
t.teardown(() => db.close());
const { events } = await openReplica(t, db);

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
      t.ok(await until(() => acknowledged.size > before + 1500), 'events go on');
      process.kill(serverPid(home), 'SIGKILL');
    }
    const before = acknowledged.size;
    t.ok(await until(() => acknowledged.size > before + 1500), 'events go on');
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
