import { randomUUID } from 'node:crypto';
import { openCatalog } from '../../src/catalog/index.ts';
import type { Database } from '../../src/db/index.ts';
import { type Events, openEvents } from '../../src/events/index.ts';
import type { EventInput, EventResult } from '../../src/events/types.ts';
import { silentLog } from '../../src/log.ts';
import { contentEncoder, openToxicity } from '../../src/text/index.ts';

/** A catalogue and a log over `db`, as one api process holds them; several on one database are replicas. */
export async function openReplica(
  t: { teardown(close: () => unknown): void },
  db: Database,
  options: { stateCacheUsers?: number } = {},
) {
  const toxicity = await openToxicity('', silentLog);
  const parts = { toxicity, encoder: contentEncoder(), contentDims: 64, log: silentLog };
  const catalog = await openCatalog(db, parts);
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
