import { badInput } from '../errors.ts';
import type { SequenceArtifact } from '../models/index.ts';
import { easeBaseline, easeRecentBaseline } from './baselines/ease.ts';
import { itemKnnBaseline } from './baselines/itemknn.ts';
import { markovBaseline } from './baselines/markov.ts';
import { popularityBaseline } from './baselines/popularity.ts';
import { pipelineRecommender } from './pipeline.ts';
import { type EvaluationReport, type Protocol, reportOf } from './report.ts';
import { type Figures, measure } from './runner.ts';
import { readSequences, type SequenceFormat, type Sequences } from './sequences.ts';
import { leaveOneOut } from './splits.ts';
import { openTrained, trainedRecommender } from './trained.ts';
import type { OfflineRecommender } from './types.ts';

export type { EvaluationReport, Protocol } from './report.ts';
export {
  type ClientOrder,
  evaluateRerank,
  type Judging,
  measureRerank,
  type RerankReport,
} from './rerank/index.ts';
export { fileDigest } from './sequences.ts';

/** Named like the artifact it needs. */
const TRAINED = 'sasrec';

/** Everything that can be measured, by the name it has in a report. */
const RECOMMENDERS: Record<
  string,
  (sequences: Sequences, artifact?: SequenceArtifact) => OfflineRecommender
> = {
  popularity: () => popularityBaseline,
  markov: () => markovBaseline,
  itemknn: () => itemKnnBaseline,
  ease: () => easeBaseline,
  'ease-recent': () => easeRecentBaseline,
  pipeline: ({ items }, artifact) => pipelineRecommender(items, { artifact }),
  [TRAINED]: ({ items }, artifact) => trainedRecommender(artifact!, items),
};

const LONGEST_LIST = 100;

/**
 * Measures recommenders on a file of sequences, one after the other.
 *
 * @throws HamletError `recommender-unknown`, `option-invalid`, `file-unreadable`, `sequences-empty` (400),
 *   `catalogue-too-large`, `artifact-invalid`, `artifact-leaks` (422)
 */
export async function evaluate(
  options: {
    sequences: string;
    format?: SequenceFormat;
    recommenders: string[];
    /** Folder of a trained model: the recommender of its name, and part of the pipeline. */
    artifact?: string;
    protocol: Protocol;
    k: number;
    seed: number;
  },
  progress: (fraction: number, note?: string) => void = () => {},
): Promise<EvaluationReport> {
  const names = requireNames(options.recommenders);
  requireWhole('k', options.k, 1, LONGEST_LIST);
  requireWhole('seed', options.seed, 0, 2 ** 32 - 1);
  if (names.includes(TRAINED) && options.artifact === undefined)
    throw badInput('option-invalid', `${TRAINED} needs the folder of an artifact`);
  const steps = names.length + 1;
  const sequences = await readSequences(options.sequences, options.format, (fraction) =>
    progress(fraction / steps, 'reading'),
  );
  const part = options.protocol === 'leave-one-out' ? 'test' : 'validation';
  const split = leaveOneOut(sequences, part);
  if (split.targets.length === 0)
    throw badInput('sequences-empty', `No history in ${options.sequences} is long enough to hide its end.`);
  const hidden = part === 'test' ? 1 : 2;
  const artifact =
    options.artifact === undefined ? undefined : await openTrained(options.artifact, sequences, hidden);
  const figures: Record<string, Figures> = {};
  for (const [n, name] of names.entries()) {
    const recommender = RECOMMENDERS[name]!(sequences, artifact);
    figures[name] = await measure(recommender, split, options, (fraction) =>
      progress((n + 1 + fraction) / steps, name),
    );
  }
  progress(1, 'done');
  const { protocol: name, k, seed } = options;
  const about = artifact && {
    ...{ kind: `sasrec-${artifact.kind}`, version: artifact.version, dataset: artifact.dataset },
  };
  return reportOf(sequences, split, { name, k, seed }, figures, about);
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

export { type KeptReport, keepReport, keptReports } from './kept.ts';
