import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDatabaseAway } from '../db/index.ts';

/**
 * Group commit: rows that come while a write is out share the next one, so that under load one
 * transaction (one flush to disk) carries many lists. A row's promise settles once it is durable.
 * One row the database refuses fails alone: its group is then written row by row.
 */
export function groupCommit<Row>(write: (rows: Row[]) => Promise<void>): {
  add(row: Row): Promise<void>;
  /** Resolves when all that was added has been written or refused. */
  settled(): Promise<void>;
} {
  type Waiting = { row: Row; settle: () => void; fail: (error: unknown) => void };
  let waiting: Waiting[] = [];
  let writing: Promise<void> | null = null;

  async function writeWhileWaiting(): Promise<void> {
    // The rest of this turn's rows may still come in.
    await nextTurn();
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await writeGroup(group);
    }
    writing = null;
  }

  async function writeGroup(group: Waiting[]): Promise<void> {
    try {
      await write(group.map(({ row }) => row));
      for (const { settle } of group) settle();
    } catch (error) {
      if (group.length === 1 || isDatabaseAway(error)) for (const { fail } of group) fail(error);
      else for (const one of group) await writeGroup([one]);
    }
  }

  return {
    add: (row) =>
      new Promise((settle, fail) => {
        waiting.push({ row, settle, fail });
        writing ??= writeWhileWaiting();
      }),
    settled: async () => {
      while (writing !== null) await writing;
    },
  };
}
