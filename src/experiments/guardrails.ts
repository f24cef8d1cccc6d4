import type { Database } from '../db/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Log } from '../log.ts';
import { reportOn } from './report/index.ts';
import type { GuardrailCheck } from './report/types.ts';
import { listExperiments } from './store/read.ts';
import { pauseExperiment } from './store/states.ts';

const JOB = 'experiment-guardrails';
export type Breach = { key: string; breach: GuardrailCheck };

/**
 * Looks at every running experiment's guardrails and pauses the variants that breach one. The intervals
 * are always-valid, so looking often costs nothing but the query.
 */
export async function pauseHarmful(db: Database, log: Log): Promise<Breach[]> {
  const paused: Breach[] = [];
  for (const experiment of await listExperiments(db, ['running'])) {
    const { definition, key, pausedVariants } = experiment;
    if (definition.mode === 'interleaving' || !definition.metrics.guardrails?.length) continue;
    const { guardrails } = await reportOn(db, experiment);
    const breaches = guardrails.filter(
      ({ state, variant }) => state === 'breached' && !Object.hasOwn(pausedVariants, variant),
    );
    for (const breach of new Map(breaches.map((one) => [one.variant, one])).values()) {
      const { metric, variant, leastHarm, maxHarm } = breach;
      const reason = `guardrail ${metric}: worse by at least ${(100 * leastHarm).toFixed(1)} %, tolerated ${(100 * maxHarm).toFixed(1)} %`;
      await pauseExperiment(db, key, variant, reason);
      log.warn({ key, ...breach }, 'a guardrail paused a variant');
      paused.push({ key, breach });
    }
  }
  return paused;
}

/** One replica at a time looks: the queue hands out one job. */
export async function watchGuardrails(db: Database, jobs: Jobs, minutes: number, log: Log): Promise<void> {
  await jobs.work(JOB, () => pauseHarmful(db, log));
  if (minutes > 0) await jobs.schedule(JOB, `*/${Math.min(59, Math.round(minutes))} * * * *`, {});
}
