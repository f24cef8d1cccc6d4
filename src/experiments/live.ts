import type { Database } from '../db/index.ts';
import type { Log } from '../log.ts';
import type { Assign } from '../recommend/types.ts';
import { assignmentBy } from './assignment.ts';
import { listExperiments } from './store/read.ts';
import type { Experiment } from './types.ts';
import { openWasShown } from './was-shown.ts';

/** How soon a replica does what another one was told. */
const WATCH_MS = 1000;

/**
 * The experiments in force, in memory. A replica that cannot reach the database goes on with what it has.
 *
 * @param prepare brings into memory what variants name, before anyone is served by it
 */
export async function openLive(
  db: Database,
  prepare: (experiments: Experiment[]) => Promise<void>,
  log: Log,
) {
  let clock = -1;
  const wasShown = openWasShown(db);
  let assign: Assign = assignmentBy([], wasShown);

  async function refresh(): Promise<void> {
    const { rows } = await db.pool.query<{ value: number }>(
      `select value from clocks where name = 'experiments'`,
    );
    const value = rows[0]?.value ?? 0;
    if (value === clock) return;
    const experiments = await listExperiments(db, ['running', 'promoted']);
    await prepare(experiments);
    // A check that began earlier may end later.
    if (value > clock) {
      assign = assignmentBy(experiments, wasShown);
      clock = value;
    }
  }

  await refresh();
  const watch = setInterval(() => {
    refresh().catch((error) => log.debug({ err: error }, 'experiments not checked'));
  }, WATCH_MS);
  watch.unref();
  return {
    assign: ((person, surface, kind) => assign(person, surface, kind)) as Assign,
    refresh,
    close: () => clearInterval(watch),
  };
}
