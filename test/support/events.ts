import { randomUUID } from 'node:crypto';
import type { Database } from '../../src/db/index.ts';
import { type Events, openEvents } from '../../src/events/index.ts';
import type { EventInput, EventResult } from '../../src/events/types.ts';
import { silentLog } from '../../src/log.ts';
import { testCatalog } from './catalog.ts';

/** A catalogue and a log over `db`, as one api process holds them; several on one database are replicas. */
export async function openReplica(
  t: { teardown(close: () => unknown): void },
  db: Database,
  options: { stateCacheUsers?: number } = {},
) {
  const catalog = await testCatalog(db, 64);
  const events = await openEvents(db, catalog, { log: silentLog, ...options });
  t.teardown(() => events.close());
  return { catalog, events };
}

/** A like of an image by `userId`, just now, under an id of its own. */
export const event = (userId: string, itemId: string, change: Partial<EventInput> = {}): EventInput => ({
  ...{ eventId: randomUUID(), userId, itemKind: 'image', itemId, type: 'like' },
  occurredAt: new Date().toISOString(),
  ...change,
});

export const statuses = (results: EventResult[]) => results.map(({ status }) => status);

export const stateNow = async (events: Events, userId: string) =>
  events.state(userId, await events.freshness(userId));
