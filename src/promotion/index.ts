export { challenge } from './gate.ts';
export { momentOf } from './moment.ts';
export { beginRetraining, retrainOnSchedule } from './retrain.ts';
export type { Verdict } from './verdict.ts';
