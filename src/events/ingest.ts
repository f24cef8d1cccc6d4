import type { Catalog } from '../catalog/index.ts';
import type { Database } from '../db/index.ts';
import { HamletError, unavailable } from '../errors.ts';
import type { Log } from '../log.ts';
import { type CheckedEvent, checkEvent, type Refused } from './check.ts';
import type { EventResult, ImportedEvent, IngestCounts } from './types.ts';
import { type Written, writeEvents } from './write.ts';

/** Events one transaction takes at most; more calls wait for the next one. */
const BATCH = 2000;
/** Transactions at once: one more than one, so that the log is flushed while the next batch is being worked on. */
const WRITERS = 3;
/** Events that may wait; beyond it callers are told to come back, before memory grows. */
const WAITING_LIMIT = 50_000;

type Call = { events: CheckedEvent[]; settle: (written: Written[]) => void; fail: (error: unknown) => void };

/**
 * Takes events in. Calls that come while others are being written share the next transaction, so that
 * single events cost no more disk flushes than batches do. A call is answered only after its commit.
 */
export function openIngest(db: Database, catalog: Pick<Catalog, 'columns' | 'ensureRefs'>, log: Log) {
  const queue: Call[] = [];
  const writers = new Set<Promise<void>>();
  let waiting = 0;

  function write(events: CheckedEvent[]): Promise<Written[]> {
    if (events.length === 0) return Promise.resolve([]);
    if (waiting + events.length > WAITING_LIMIT)
      return Promise.reject(unavailable('events-overloaded', 'More events are waiting than can be written.'));
    waiting += events.length;
    return new Promise((settle, fail) => {
      queue.push({ events, settle, fail });
      startWriter();
    });
  }

  function startWriter(): void {
    if (writers.size >= WRITERS) return;
    const writer = drain().finally(() => writers.delete(writer));
    writers.add(writer);
  }

  async function drain(): Promise<void> {
    // The rest of this turn's calls may still come in.
    await null;
    for (let calls = nextCalls(); calls.length > 0; calls = nextCalls()) await writeCalls(calls);
  }

  function nextCalls(): Call[] {
    const calls = queue.splice(0, callsThatFit());
    for (const call of calls) waiting -= call.events.length;
    return calls;
  }

  function callsThatFit(): number {
    let events = 0;
    const full = queue.findIndex((call, index) => {
      events += call.events.length;
      return events > BATCH && index > 0;
    });
    return full < 0 ? queue.length : full;
  }

  async function writeCalls(calls: Call[]): Promise<void> {
    try {
      const written = await writeEvents(
        db,
        catalog,
        calls.flatMap((call) => call.events),
      );
      let from = 0;
      for (const call of calls) {
        call.settle(written.slice(from, from + call.events.length));
        from += call.events.length;
      }
    } catch (error) {
      const alone = calls.length === 1 || (error instanceof HamletError && error.status === 503);
      if (alone) for (const call of calls) call.fail(error);
      else {
        // What one call brought must not fail the others.
        log.warn({ err: error, calls: calls.length }, 'events of several calls not written together');
        for (const call of calls) await writeCalls([call]);
      }
    }
  }

  return {
    async ingest(raw: unknown[]): Promise<EventResult[]> {
      const now = Date.now();
      const checked = raw.map((event) => checkEvent(event, now));
      const good = checked.filter(isGood);
      const written = await write(good);
      let next = 0;
      return checked.map((event, index) =>
        'code' in event
          ? { eventId: idOf(raw[index]), status: 'rejected', code: event.code }
          : verdict(event.eventId, written[next++]!),
      );
    },

    /** Bulk: a batch of some thousands of events, each checked; answers how many went which way. */
    async ingestImported(events: ImportedEvent[]): Promise<IngestCounts> {
      const counts: IngestCounts = { accepted: 0, duplicate: 0, conflict: 0, rejected: 0 };
      const now = Date.now();
      for (let from = 0; from < events.length; from += BATCH) {
        const checked = events.slice(from, from + BATCH).map((event) => checkEvent(event, now, true));
        const good = checked.filter(isGood);
        counts.rejected += checked.length - good.length;
        for (const status of await write(good)) counts[status]++;
      }
      return counts;
    },

    /** Answers when everything that was taken in is written or has failed. */
    async close(): Promise<void> {
      while (writers.size > 0) await Promise.all(writers);
    },
  };
}

const isGood = (event: CheckedEvent | Refused): event is CheckedEvent => !('code' in event);

const verdict = (eventId: string, written: Written): EventResult =>
  written === 'conflict'
    ? { eventId, status: written, code: 'event-id-reused' }
    : { eventId, status: written };

/** The id to answer a refused event with: what was sent, when that is a text, cut to a sane length. */
function idOf(raw: unknown): string {
  const id = (raw as { eventId?: unknown } | null)?.eventId;
  return typeof id === 'string' ? id.slice(0, 256).toWellFormed() : '';
}
