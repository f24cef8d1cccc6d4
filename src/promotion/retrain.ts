import { setTimeout as sleep } from 'node:timers/promises';
import type { ItemKind } from '../catalog/types.ts';
import type { Events } from '../events/index.ts';
import type { Jobs } from '../jobs/index.ts';
import { type Artifact, activeArtifact } from '../models/index.ts';
import type { Trainings } from '../trainings/index.ts';
import { challenge, type GateParts } from './gate.ts';
import { momentToJudgeFrom } from './moment.ts';
import type { Verdict } from './verdict.ts';

const BEGIN = 'retrain';
const JUDGE = 'retrain-judge';
/** A training may take a day; its judge is handed on when the process that waits for it dies. */
const PATIENT = { expireInSeconds: 86_000, heartbeatSeconds: 10, retryLimit: 100, retryDelay: 2 };
const POLL_MS = 1000;
const KINDS: ItemKind[] = ['image', 'model'];
/**
 * How the last artifact was trained: its weights fit no other shape, and its ways were chosen. Not `smoothing`: what it
 * starts from is the smoothed table.
 */
const SHAPE = [
  ...['d', 'blocks', 'heads', 'length', 'position', 'distanceBias', 'gated', 'similarity', 'temperature'],
  ...['dropout', 'loss', 'negatives', 'labelSmoothing', 'minStrength', 'subsequence', 'batch', 'precision'],
  ...['learningRate', 'weightDecay', 'warmup', 'average', 'patience'],
  ...[
    'of',
    'histories',
    'landmarks',
    'kernelWidth',
    'tagShare',
    'ridge',
    'halfLife',
    'layer',
    'initial',
    'filter',
  ],
  ...['historyDegree', 'itemDegree', 'hidden', 'targets', 'idDropout', 'weightOfMany', 'validation'],
  ...['visionBlocks', 'visionInitial', 'visionSample', 'visionRate'],
];
const FLAGS = ['distanceBias', 'gated'];

export type RetrainParts = GateParts & {
  jobs: Jobs;
  trainings: Pick<Trainings, 'start' | 'get' | 'list'>;
  events: Pick<Events, 'deeds' | 'interactionLog'>;
  /** Between two looks at a training. */
  pollMs?: number;
};

/**
 * Warm retraining on a schedule. The queue hands the beginning to one replica, which starts a training for each model
 * in force; whoever gets the other job waits for it, judges what came out and promotes or refuses it.
 * @param hours between two beginnings; 0: never by itself
 */
export async function retrainOnSchedule(parts: RetrainParts, hours: number): Promise<void> {
  const { jobs } = parts;
  await jobs.work(BEGIN, () => beginRetraining(parts));
  await jobs.work(
    JUDGE,
    (data, signal) => judgeWhenOver(parts, data as { id: string }, signal),
    KINDS.length * 2,
  );
  if (hours > 0) await jobs.schedule(BEGIN, cronOf(hours), {});
}

/** Minute 23, every so many hours of a day or, from 24 on, days of a month at three. */
export const cronOf = (hours: number): string =>
  hours < 24
    ? `23 */${Math.max(1, Math.round(hours))} * * *`
    : `23 3 */${Math.min(28, Math.round(hours / 24))} * *`;

/**
 * A beginning that failed half-way is tried again, so what is under way is waited for and not begun twice.
 * @returns ids of the trainings that are under way
 */
export async function beginRetraining(parts: RetrainParts): Promise<string[]> {
  const { jobs, trainings, log } = parts;
  const underWay = (await trainings.list()).filter(({ finishedAt }) => finishedAt === null);
  const started: string[] = [];
  for (const items of KINDS)
    for (const [kind, spec] of await retrainingsOf(parts, items)) {
      const begun = underWay.find((open) => open.kind === kind && open.spec.items === items);
      const { id } = begun ?? (await trainings.start(kind, spec));
      await jobs.send(JUDGE, { id }, { ...PATIENT, singletonKey: id });
      log.info({ kind, items, training: id }, 'retraining begun');
      started.push(id);
    }
  return started;
}

/** Kinds and specs of what would be started for each model in force. */
export async function retrainingsOf(
  parts: Pick<RetrainParts, 'db' | 'catalog' | 'events'>,
  items: ItemKind,
): Promise<[string, Record<string, unknown>][]> {
  const { db } = parts;
  const specs: [string, Record<string, unknown>][] = [];
  const sequence = await activeArtifact(db, `sasrec-${items}`);
  if (sequence !== null) specs.push(['train-sasrec', await warmSpec(parts, items, sequence)]);
  const towers = await activeArtifact(db, `two-tower-${items}`);
  if (towers !== null) {
    // They begin in the graph of people and items, or in content: there is nothing to start from.
    const { start, ...spec } = await warmSpec(parts, items, towers);
    specs.push(['train-two-tower', spec]);
  }
  if ((await activeArtifact(db, `ranker-${items}`)) !== null)
    specs.push(['train-ranker', { impressions: 'latest', items }]);
  return specs;
}

/** What ships leaves out what a training starts from: the first one then begins anew. */
const WEIGHTS = 'weights.safetensors';

/** From the last weights on, over all that happened before the moment from which both will be asked. */
async function warmSpec(
  parts: Pick<RetrainParts, 'catalog' | 'events'>,
  items: ItemKind,
  { kind, version, manifest }: Artifact,
): Promise<Record<string, unknown>> {
  const shape = SHAPE.filter((name) => manifest.parameters[name] !== undefined).map((name) => {
    const value = manifest.parameters[name]!;
    return [name, FLAGS.includes(name) ? value === 1 : value] as const;
  });
  return {
    ...(Object.fromEntries(shape) as Record<string, unknown>),
    ...{ snapshot: 'latest', items },
    ...(manifest.files[WEIGHTS] && { start: `${kind}-${version}` }),
    until: await momentToJudgeFrom(parts, items, manifest),
  };
}

async function judgeWhenOver(
  parts: RetrainParts,
  { id }: { id: string },
  signal: AbortSignal,
): Promise<Verdict | null> {
  const { trainings, log, pollMs = POLL_MS } = parts;
  let training = await trainings.get(id);
  for (; training.finishedAt === null; training = await trainings.get(id))
    await sleep(pollMs, undefined, { signal });
  const { artifact } = training.result ?? {};
  if (typeof artifact !== 'string') {
    log.warn({ training: id, state: training.state, error: training.error }, 'retraining brought nothing');
    return null;
  }
  const [, kind, version] = /^(.+-(?:image|model))-([^-]+)$/.exec(artifact) ?? [];
  return challenge(parts, kind!, version!);
}
