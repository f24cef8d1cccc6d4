export { SEED_RANGES, SPLITS, type Split } from './plan.ts';
export { renderTrainingSet } from './render.ts';
