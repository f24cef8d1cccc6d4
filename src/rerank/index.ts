export { type Aggregated, type Answer, aggregate, isStable, METHOD_NAMES, type Method } from './aggregate.ts';
export { blend, OPINION_WEIGHT } from './blend.ts';
export { type Call, type PlanOptions, planCalls } from './plan.ts';
export { openReranker } from './service.ts';
