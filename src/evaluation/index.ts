export { popularityBaseline } from './baselines/popularity.ts';
export { evaluate } from './evaluate.ts';
export { evaluateLog } from './evaluate-log.ts';
export { evaluateInteractions, type InteractionsReport } from './interactions/index.ts';
export { type KeptReport, keepReport, keptReports } from './kept.ts';
export { markdownOf } from './markdown.ts';
export { type LogSplit, logSplit, logSplits } from './own-log.ts';
export { pageOf } from './page.ts';
export { type PairedDifference, pairedDifference } from './paired.ts';
export type { LogParts } from './past/parts.ts';
export type { EvaluationReport, Protocol } from './report.ts';
export {
  type ClientOrder,
  evaluateRerank,
  type Judging,
  measurePrepared,
  type Prepared,
  prepareRerank,
  type RerankReport,
  rerankTable,
  towersInForce,
} from './rerank/index.ts';
export { type Figures, figuresOf, type Judged, judge, perUser } from './runner.ts';
export { fileDigest } from './sequences.ts';
export type { Asked, Split } from './splits.ts';
export { temporalSplit } from './temporal.ts';
export { readTimeline, type Timeline } from './timeline.ts';
export { readTrained, trainedRecommender } from './trained.ts';
export { contentOf } from './trained-towers.ts';
export type { OfflineRecommender } from './types.ts';
