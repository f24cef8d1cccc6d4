import { writeFile } from 'node:fs/promises';
import { badInput } from '../errors.ts';
import { pairedDifference } from './paired.ts';
import { pipelineRecommender } from './pipeline.ts';
import { recommendersOf, requireNames } from './recommenders.ts';
import { type EvaluationReport, type Protocol, reportOf } from './report.ts';
import { type Figures, figuresOf, type Judged, joined, judge, perUser } from './runner.ts';
import { type Dataset, readSequences, type SequenceFormat } from './sequences.ts';
import { leaveOneOut, type Split } from './splits.ts';
import { temporalSplit } from './temporal.ts';
import { readTimeline } from './timeline.ts';
import { firstOf, type Leak, leakAfter, leakOfLast, openTrained, trainedOf } from './trained.ts';
import { trainingText } from './training-file.ts';
import type { OfflineRecommender } from './types.ts';

export type EvaluateOptions = {
  recommenders: string[];
  /** Folders of trained models: recommenders named by their family, the first of each part of the pipeline. */
  artifacts?: string[];
  k: number;
  seed: number;
  /** Whom all others are compared with, in pairs; the first one when not said. */
  baseline?: string;
  /** A file for what a temporal split lets be learned. */
  training?: string;
};
type Progress = (fraction: number, note?: string) => void;

const LONGEST_LIST = 100;

/**
 * Measures recommenders on a file of sequences, one after the other.
 *
 * @param options.cut for `temporal`: the part of all events that is learned from, .8 when not said, or a moment
 * @throws HamletError `recommender-unknown`, `option-invalid`, `file-unreadable`, `sequences-empty` (400),
 *   `catalogue-too-large`, `artifact-invalid`, `artifact-leaks` (422)
 */
export async function evaluate(
  options: EvaluateOptions & {
    sequences: string;
    format?: SequenceFormat;
    protocol: Protocol;
    cut?: { share: number } | { at: number };
  },
  progress: Progress = () => {},
): Promise<EvaluationReport> {
  const names = requireOptions(options);
  const reading: Progress = (fraction) => progress(fraction / (names.length + 1), 'reading');
  const { split, ids, dataset, at, leak } =
    options.protocol === 'temporal' ? await temporal(options, reading) : await lastItem(options, reading);
  if (options.training !== undefined) await writeFile(options.training, trainingText(split, ids));
  const artifacts = await openTrained(options.artifacts ?? [], leak);
  const made = {
    pipeline: pipelineRecommender(ids, { artifact: firstOf(artifacts, 'sasrec') }),
    ...trainedOf(artifacts, ids),
  };
  const figures = await judgeAll(recommendersOf(names, made), [split], options, progress);
  const { protocol: name, k, seed } = options;
  return reportOf(dataset, [split], { name, k, seed, at }, figures, artifacts);
}

/**
 * One after the other: each has the machine for itself, and its seconds are its own.
 * @param splits of the same items and users; each recommender learns from each anew
 */
export async function judgeAll(
  recommenders: [string, OfflineRecommender][],
  splits: Split[],
  { k, seed, baseline = recommenders[0]![0] }: Pick<EvaluateOptions, 'k' | 'seed' | 'baseline'>,
  progress: Progress,
): Promise<Record<string, Figures>> {
  if (!recommenders.some(([name]) => name === baseline))
    throw badInput('option-invalid', `the baseline ${baseline} is none of the recommenders`);
  const figures: Record<string, Figures> = {};
  const values: Record<string, Record<string, Float64Array>> = {};
  const steps = recommenders.length + 1;
  for (const [n, [name, recommender]] of recommenders.entries()) {
    const judged: Judged[] = [];
    for (const [period, split] of splits.entries())
      judged.push(
        await judge(recommender, split, { k, seed }, (fraction) =>
          progress((n + 1 + (period + fraction) / splits.length) / steps, name),
        ),
      );
    figures[name] = figuresOf(joined(judged), splits, { k, seed });
    values[name] = perUser(joined(judged), splits);
  }
  for (const [name, found] of Object.entries(figures))
    if (name !== baseline) found.against = leadOver(values[name]!, values[baseline]!, baseline, seed);
  progress(1, 'done');
  return figures;
}

const leadOver = (
  own: Record<string, Float64Array>,
  other: Record<string, Float64Array>,
  baseline: string,
  seed: number,
): Figures['against'] => ({
  baseline,
  ...Object.fromEntries(
    Object.entries(own).map(([metric, values]) => [metric, pairedDifference(values, other[metric]!, seed)]),
  ),
});

/** @returns the names, each once. @throws HamletError `recommender-unknown`, `option-invalid` (400) */
export function requireOptions({ recommenders, artifacts = [], k, seed }: EvaluateOptions): string[] {
  const names = requireNames(recommenders);
  requireWhole('k', k, 1, LONGEST_LIST);
  requireWhole('seed', seed, 0, 2 ** 32 - 1);
  const trained = names.find((name) => name === 'sasrec' || name === 'two-tower');
  if (trained !== undefined && artifacts.length === 0)
    throw badInput('option-invalid', `${trained} needs the folder of an artifact`);
  return names;
}

type Data = {
  split: Split;
  ids: string[];
  dataset: Dataset;
  at?: number;
  leak: Leak;
};

async function temporal(
  { sequences, cut = { share: 0.8 } }: Pick<Parameters<typeof evaluate>[0], 'sequences' | 'cut'>,
  progress: Progress,
): Promise<Data> {
  const timeline = await readTimeline(sequences, progress);
  const split = temporalSplit(timeline, cut);
  const { items: ids, dataset } = timeline;
  return { split, ids, dataset, at: split.at, leak: leakAfter(split, ids) };
}

async function lastItem(
  { sequences, format, protocol }: Parameters<typeof evaluate>[0],
  progress: Progress,
): Promise<Data> {
  const read = await readSequences(sequences, format, progress);
  const part = protocol === 'leave-one-out' ? 'test' : 'validation';
  const split = leaveOneOut(read, part);
  if (split.questions.length === 0)
    throw badInput('sequences-empty', `No history in ${sequences} is long enough to hide its end.`);
  const leak = leakOfLast(read.dataset, part === 'test' ? 1 : 2);
  return { split, ids: read.items, dataset: read.dataset, leak };
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw badInput('option-invalid', `${name} must be a whole number from ${least} to ${most}`);
}
