import { badInput } from '../errors.ts';
import { easeBaseline, easeRecentBaseline } from './baselines/ease.ts';
import { itemKnnBaseline } from './baselines/itemknn.ts';
import { markovBaseline } from './baselines/markov.ts';
import { popularityBaseline } from './baselines/popularity.ts';
import { pipelineRecommender } from './pipeline.ts';
import { type EvaluationReport, type Protocol, reportOf } from './report.ts';
import { type Figures, measure } from './runner.ts';
import { readSequences, type SequenceFormat, type Sequences } from './sequences.ts';
import { leaveOneOut } from './splits.ts';
import type { OfflineRecommender } from './types.ts';

export type { EvaluationReport, Protocol } from './report.ts';

/** Everything that can be measured, by the name it has in a report. */
const RECOMMENDERS: Record<string, (sequences: Sequences) => OfflineRecommender> = {
  popularity: () => popularityBaseline,
  markov: () => markovBaseline,
  itemknn: () => itemKnnBaseline,
  ease: () => easeBaseline,
  'ease-recent': () => easeRecentBaseline,
  pipeline: (sequences) => pipelineRecommender(sequences.items),
};

const LONGEST_LIST = 100;

/**
 * Measures recommenders on a file of sequences, one after the other.
 *
 * @throws HamletError `recommender-unknown`, `option-invalid`, `file-unreadable`, `sequences-empty` (400),
 *   `catalogue-too-large` (422)
 */
export async function evaluate(
  options: {
    sequences: string;
    format?: SequenceFormat;
    recommenders: string[];
    protocol: Protocol;
    k: number;
    seed: number;
  },
  progress: (fraction: number, note?: string) => void = () => {},
): Promise<EvaluationReport> {
  const names = requireNames(options.recommenders);
  requireWhole('k', options.k, 1, LONGEST_LIST);
  requireWhole('seed', options.seed, 0, 2 ** 32 - 1);
  const steps = names.length + 1;
  const sequences = await readSequences(options.sequences, options.format, (fraction) =>
    progress(fraction / steps, 'reading'),
  );
  const split = leaveOneOut(sequences, options.protocol === 'leave-one-out' ? 'test' : 'validation');
  if (split.targets.length === 0)
    throw badInput('sequences-empty', `No history in ${options.sequences} is long enough to hide its end.`);
  const figures: Record<string, Figures> = {};
  for (const [n, name] of names.entries()) {
    const recommender = RECOMMENDERS[name]!(sequences);
    figures[name] = await measure(recommender, split, options, (fraction) =>
      progress((n + 1 + fraction) / steps, name),
    );
  }
  progress(1, 'done');
  const { protocol: name, k, seed } = options;
  return reportOf(sequences, split, { name, k, seed }, figures);
}

function requireNames(given: string[]): string[] {
  const names = given.map((name) => name.trim()).filter((name) => name !== '');
  const unknown = names.find((name) => !Object.hasOwn(RECOMMENDERS, name));
  if (unknown !== undefined || names.length === 0)
    throw badInput(
      'recommender-unknown',
      `${unknown === undefined ? 'no recommender named' : `no recommender ${unknown}`}; there are ${Object.keys(RECOMMENDERS).join(', ')}`,
    );
  return names;
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw badInput('option-invalid', `${name} must be a whole number from ${least} to ${most}`);
}
