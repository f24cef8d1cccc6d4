import { writeFile } from 'node:fs/promises';
import type { ItemKind } from '../catalog/types.ts';
import type { Pipeline } from '../recommend/index.ts';
import { type EvaluateOptions, judgeAll, requireOptions } from './evaluate.ts';
import { type LogSplit, logSplits } from './own-log.ts';
import { auditLookAhead } from './past/audit.ts';
import { cameAt } from './past/columns.ts';
import { rememberedGraphs } from './past/graphs.ts';
import type { LogParts } from './past/parts.ts';
import { pastPipeline } from './past/pipeline.ts';
import { recommendersOf } from './recommenders.ts';
import { type EvaluationReport, reportOf } from './report.ts';
import { firstOf, leakAfter, openTrained, type Trained, trainedOf } from './trained.ts';
import { contentOf } from './trained-towers.ts';
import { trainingText } from './training-file.ts';
import type { OfflineRecommender } from './types.ts';

export type LogOptions = EvaluateOptions & {
  kind: ItemKind;
  cut: { share: number } | { at: number };
  /** Replays the log, visit by visit, in so many periods; each learns from what came before it. */
  periods?: number;
  /** The pipeline that serves, changed. */
  change?(served: Pipeline, parts: LogParts): Pipeline;
};

/**
 * Measures recommenders on the platform's own log: what is learned before a moment, asked about what came after it.
 * The pipeline is the one that serves, over the platform as it was then; that it does not look ahead is tried.
 *
 * @throws HamletError `recommender-unknown`, `option-invalid` (400), `log-empty`, `artifact-invalid`,
 *   `artifact-leaks`, `look-ahead` (422)
 */
export async function evaluateLog(
  parts: LogParts,
  options: LogOptions,
  progress: (fraction: number, note?: string) => void = () => {},
): Promise<EvaluationReport> {
  const names = requireOptions(options);
  const { kind, cut, periods, k, seed } = options;
  const asking = periods === undefined ? { mode: 'next' as const } : { mode: 'visits' as const, periods };
  const splits = await logSplits(parts, kind, cut, asking);
  const [first] = splits as [LogSplit];
  if (options.training !== undefined) await writeFile(options.training, trainingText(first, first.ids));
  const artifacts = await openTrained(options.artifacts ?? [], leakAfter(first, first.ids));
  const pipelineOver = await pipelines(parts, options, artifacts);
  const audited = names.includes('pipeline')
    ? await auditLookAhead(parts, first, pipelineOver, { kind, k, seed })
    : undefined;
  const made = {
    pipeline: await pipelineOver(parts),
    ...trainedOf(artifacts, first.ids, contentOf(parts)),
  };
  const figures = await judgeAll(recommendersOf(names, made), splits, options, progress);
  const name = periods === undefined ? 'temporal' : 'replay';
  return reportOf(first.dataset, splits, { name, k, seed, at: first.at, audited }, figures, artifacts);
}

/** The pipeline over the platform, or over a part of it; item graphs are shared where the log is the same. */
async function pipelines({ contentSpace }: LogParts, { kind, change }: LogOptions, artifacts: Trained[]) {
  const graphOf = rememberedGraphs();
  const space = contentSpace.current();
  const [artifact, towers] = [firstOf(artifacts, 'sasrec'), firstOf(artifacts, 'two-tower')];
  return async (parts: LogParts): Promise<OfflineRecommender> => {
    const { columns } = parts.catalog;
    return pastPipeline({
      ...{ kind, columns, space, artifact, graphOf, vectors: parts.vectors },
      towers: towers && { artifact: towers, ...contentOf(parts) },
      from: cameAt(columns, await parts.events.deeds()),
      readVectors: (items) => parts.catalog.vectors(space, items),
      change: change && ((served) => change(served, parts)),
    });
  };
}
