export { type Aggregated, type Answer, aggregate, isStable, METHOD_NAMES, type Method } from './aggregate.ts';
export { attributeScores } from './attributes.ts';
export { blend, OPINION_WEIGHT } from './blend.ts';
export { openVlmRanker } from './by-vlm.ts';
export { readShown } from './items.ts';
export { type Call, type PlanOptions, planCalls } from './plan.ts';
export { type Preferred, rankQuestion, type ShownItem } from './prompt.ts';
export { openReranker } from './service.ts';
export { RANKING, type RankOptions, rankByVlm } from './vlm-ranker.ts';
