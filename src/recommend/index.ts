export { type ContentVectors, contentInMemory } from './content.ts';
export { defaultPipeline, type PipelineSettings } from './default-pipeline.ts';
export { runPipeline } from './pipeline.ts';
export type * from './types.ts';
