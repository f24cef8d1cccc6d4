export { challenge } from './gate.ts';
export { momentOf } from './moment.ts';
export { beginRetraining, retrainingsOf, retrainOnSchedule } from './retrain.ts';
export type { Verdict } from './verdict.ts';
