import { writeFile } from 'node:fs/promises';
import type { ItemKind } from '../catalog/types.ts';
import { type EvaluateOptions, judgeAll, requireOptions } from './evaluate.ts';
import { logSplit } from './own-log.ts';
import { recommendersOf } from './recommenders.ts';
import { type EvaluationReport, reportOf } from './report.ts';
import { leakAfter, openTrained, trainedOf } from './trained.ts';
import { trainingText } from './training-file.ts';

/**
 * Measures recommenders on the platform's own log: what is learned before a moment, asked about what came after it.
 *
 * @throws HamletError `recommender-unknown`, `option-invalid` (400), `log-empty`, `artifact-invalid`,
 *   `artifact-leaks` (422)
 */
export async function evaluateLog(
  parts: Parameters<typeof logSplit>[0],
  options: EvaluateOptions & { kind: ItemKind; cut: { share: number } | { at: number } },
  progress: (fraction: number, note?: string) => void = () => {},
): Promise<EvaluationReport> {
  const names = requireOptions(options);
  const split = await logSplit(parts, options.kind, options.cut);
  if (options.training !== undefined) await writeFile(options.training, trainingText(split, split.ids));
  const artifacts = await openTrained(options.artifacts ?? [], leakAfter(split, split.ids));
  const figures = await judgeAll(
    recommendersOf(names, trainedOf(artifacts, split.ids)),
    split,
    options,
    progress,
  );
  const { k, seed } = options;
  return reportOf(split.dataset, split, { name: 'temporal', k, seed, at: split.at }, figures, artifacts);
}
