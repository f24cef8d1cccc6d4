import { join } from 'node:path';
import type pg from 'pg';
import { type Database, inTransaction } from '../../db/index.ts';
import { HamletError } from '../../errors.ts';
import { sampleRatio } from '../analysis/srm.ts';
import { metricsOf } from '../metrics.ts';
import { type Experiment, labelOf } from '../types.ts';
import { checkGuardrails, compareMetrics, compareSegments, type MetricData, overTime } from './compare.ts';
import { measurePeople } from './people.ts';
import { type Grouped, readByAttribute, readByDay, readByHistory, readPeople } from './read.ts';
import { writeSnapshot } from './snapshot.ts';
import type { Report } from './types.ts';
import { verdictsOn } from './verdict.ts';

/** Memory of one sort or hash of the database's; what needs more goes to disk. */
const WORK_MEM = '128MB';

/**
 * Everything that can be said of one version of an experiment now, from one snapshot of the log.
 * @param snapshots folder for the data behind the report; without one none is written
 */
export async function reportOn(db: Database, experiment: Experiment, snapshots?: string): Promise<Report> {
  const began = performance.now();
  const { key, version, definition, startedAt } = experiment;
  if (definition.mode === 'interleaving')
    throw new HamletError('interleaved', 409, `${key} interleaves: ask for its interleaving report.`);
  if (startedAt === null) throw new HamletError('never-started', 409, `${key} has not run.`);
  const variants = definition.variants.map((one) => ({
    key: one.key,
    label: labelOf(key, version, one.key),
  }));
  const period = { from: startedAt, until: endOf(experiment) };
  return inTransaction(db, async (client) => {
    await client.query(`set transaction isolation level repeatable read`);
    await client.query(`set local statement_timeout = 0; set local work_mem = '${WORK_MEM}'`);
    await measurePeople(client, { ...period, labels: variants.map(({ label }) => label), definition });
    const { people, lost } = await readPeople(client);
    const data: MetricData[] = [];
    for (const measured of metricsOf(definition))
      data.push({ ...measured, rows: await readByDay(client, measured.metric) });
    const primary = data[0]!;
    const alpha = definition.alpha ?? 0.05;
    const metrics = compareMetrics(data, variants, alpha);
    const guardrails = checkGuardrails(metrics, data);
    const split = sampleRatio(
      variants.map(({ label }) => people.find((one) => one.label === label)?.seen ?? 0),
      definition.variants.map(({ weight }) => weight),
    );
    const name = `${key}@${version}-${period.until.replaceAll(/[-:.]/gu, '')}`;
    return {
      ...{ experiment: key, version, state: experiment.state, mode: 'ab', hypothesis: definition.hypothesis },
      ...{ period, alpha, people, sampleRatio: split, lostEvents: lost, metrics, guardrails },
      overTime: overTime(primary, variants, alpha),
      exploratory: compareSegments(
        await readSegments(client, primary, definition.segments ?? []),
        variants,
        alpha,
      ),
      verdicts: verdictsOn(
        ...([
          variants.map((one) => one.key),
          split,
          metrics,
          guardrails,
          definition.minimumEffect ?? 0.02,
        ] as const),
      ),
      assumptions: assumptionsOf(experiment),
      snapshot: snapshots ? await writeSnapshot(client, join(snapshots), name) : null,
      seconds: Math.round((performance.now() - began) / 10) / 100,
    };
  });
}

/** A variant that was paused is compared up to then: afterwards only the control's people went on. */
function endOf({ endedAt, pausedVariants }: Experiment): string {
  const ends = [endedAt, ...Object.values(pausedVariants).map(({ at }) => at)].filter((at) => at !== null);
  return ends.sort()[0] ?? new Date().toISOString();
}

async function readSegments(client: pg.ClientBase, { metric }: MetricData, attributes: string[]) {
  const segments: { segment: string; rows: Grouped[] }[] = [
    { segment: 'history before the start', rows: await readByHistory(client, metric) },
  ];
  for (const attribute of attributes)
    segments.push({ segment: attribute, rows: await readByAttribute(client, metric, attribute) });
  return segments;
}

const assumptionsOf = ({ definition }: Experiment): string[] => [
  'The person (user id) is the unit: one on two devices is one person, and a person without an id cannot be told from another.',
  'One person’s variant does not change what another one does (no interference); both variants learn from one shared log, which pulls differences towards 0.',
  `An event counts for the list it names, from the list on and within ${definition.attributionHours ?? 24} hours; the same deed on the same item of a list counts once.`,
  `Who asks for more than ${definition.botListsAnHour ?? 500} lists within an hour is a bot and left out, as is who was seen in two variants; the split is tested before they are left out.`,
  'Intervals are asymptotic: ratios by the delta method, the always-valid ones by Waudby-Smith et al. (2024) tuned for 5,000 people.',
  `What people did in the ${definition.historyDays ?? 28} days before the start is taken into account (CUPED); only events that were known then count.`,
  'Over time: by the day on which people were first seen, so days are different people.',
];
