export { type ContentVectors, contentInMemory } from './content.ts';
export { defaultPipeline, type PipelineSettings } from './default-pipeline.ts';
export { teamDraft } from './interleave.ts';
export { unknownStages } from './overrides.ts';
export { runPipeline } from './pipeline.ts';
export { type Random, seededRandom } from './random.ts';
export { type Drawable, drawPositions } from './selectors/draw.ts';
export { openRecommender, type Recommender, type RecommendQuery } from './service.ts';
export type * from './types.ts';
