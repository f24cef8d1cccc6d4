import type pg from 'pg';
import { type Database, inTransaction } from '../../db/index.ts';
import { HamletError } from '../../errors.ts';
import { metricsOf } from '../metrics.ts';
import { type Experiment, labelOf } from '../types.ts';
import { assumptionsOf } from './assumptions.ts';
import { checkGuardrails, correctMetrics, correctSegments } from './compare.ts';
import { compareIn } from './comparison.ts';
import { measurePeople } from './people.ts';
import { readPeople } from './read.ts';
import { writeSnapshot } from './snapshot.ts';
import { splitOf } from './split.ts';
import type { Report } from './types.ts';
import { verdictsOn } from './verdict.ts';
import { type Window, windowsOf } from './windows.ts';

/** Memory of one sort or hash of the database's; what needs more goes to disk. */
const WORK_MEM = '128MB';

/**
 * Everything that can be said of one version of an experiment now, from one snapshot of the log.
 * @param snapshots folder for the data behind the report; without one none is written
 * @throws HamletError `interleaved`, `never-started` (409)
 */
export async function reportOn(db: Database, experiment: Experiment, snapshots?: string): Promise<Report> {
  const { key, definition } = experiment;
  if (definition.mode === 'interleaving')
    throw new HamletError('interleaved', 409, `${key} interleaves: ask for its interleaving report.`);
  const windows = windowsOf(experiment);
  return inTransaction(db, async (client) => {
    await client.query(`set transaction isolation level repeatable read`);
    await client.query(`set local statement_timeout = 0; set local work_mem = '${WORK_MEM}'`);
    return snapshots === undefined
      ? measured(client, experiment, windows)
      : writeSnapshot(snapshots, client, experiment, (keep) => measured(client, experiment, windows, keep));
  });
}

/** @param keep is called while a window's people are in the table `measured` */
async function measured(
  client: pg.PoolClient,
  experiment: Experiment,
  windows: Window[],
  keep: (window: Window) => Promise<void> = async () => {},
): Promise<Report> {
  const began = performance.now();
  const { key, version, definition, state } = experiment;
  const { hypothesis, alpha = 0.05, minimumEffect = 0.02, variants } = definition;
  const labels = variants.map((variant) => labelOf(key, version, variant.key));
  const longest = windows[0]!;
  await measurePeople(client, { ...longest, labels, definition });
  const { people, lost } = await readPeople(client);
  const split = await splitOf(client, experiment, windows);
  const parts = [];
  for (const window of windows) {
    if (window !== longest) await measurePeople(client, { ...window, labels, definition });
    parts.push(await compareIn(client, experiment, window));
    await keep(window);
  }
  const metrics = correctMetrics(parts.flatMap((part) => part.metrics));
  const guardrails = checkGuardrails(metrics, metricsOf(definition));
  const compared = variants.slice(1).map((variant) => variant.key);
  return {
    ...{ experiment: key, version, state, mode: 'ab', hypothesis, alpha, people, lostEvents: lost },
    ...{ period: { from: longest.from, until: longest.until }, windows },
    ...{ sampleRatio: split, metrics, guardrails },
    overTime: parts.flatMap((part) => part.days),
    exploratory: correctSegments(parts.flatMap((part) => part.segments)),
    verdicts: verdictsOn(compared, split, metrics, guardrails, minimumEffect),
    assumptions: assumptionsOf(experiment, windows),
    snapshot: null,
    seconds: Math.round((performance.now() - began) / 10) / 100,
  };
}
