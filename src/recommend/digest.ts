import { createHash } from 'node:crypto';
import type { ItemGraph } from '../models/item-graph/types.ts';
import { weightsOf } from './blend.ts';
import { FEATURES } from './features.ts';
import type { Pipeline } from './types.ts';

/** What a list depends on beside the log, as plain data: what `pipeline_versions.body` holds. */
export type PipelineDescription = {
  pipeline: string;
  sources: string[];
  filters: string[];
  scorers: string[];
  selector: string;
  weights: Record<string, number>;
  /** Names of the features that are logged with each list, in their order. */
  features: readonly string[];
  depth: number;
  settings: Record<string, number | string>;
  versions: Record<string, string>;
  /** The two whose lists were mixed. */
  interleaved?: [PipelineDescription, PipelineDescription];
};

export type PipelineIdentity = { digest: string; description: PipelineDescription };

const known = new WeakMap<Pipeline, { models: string; identity: PipelineIdentity }>();

type Versioned = { version: string };
type Models = {
  graph: Pick<ItemGraph, 'version'>;
  sequence?: Versioned;
  towers?: Versioned;
  ranker?: Versioned;
};

/** The description of a pipeline over its models in force, and its sha256 (hex, 64 characters). */
export function identify(pipeline: Pipeline, inForce: Models): PipelineIdentity {
  const { graph, sequence, towers, ranker } = inForce;
  const models = `${graph.version} ${sequence?.version} ${towers?.version} ${ranker?.version}`;
  const cached = known.get(pipeline);
  if (cached?.models === models) return cached.identity;
  const identity = identified(describe(pipeline, inForce));
  known.set(pipeline, { models, identity });
  return identity;
}

const reranked = new WeakMap<PipelineIdentity, Map<string, PipelineIdentity>>();

/** The same with the version of what re-ranked the list. */
export function identifyReranked(identity: PipelineIdentity, version: string): PipelineIdentity {
  const known = reranked.get(identity) ?? new Map<string, PipelineIdentity>();
  reranked.set(identity, known);
  let made = known.get(version);
  if (made === undefined) {
    const { description } = identity;
    made = identified({ ...description, versions: { ...description.versions, rerank: version } });
    known.set(version, made);
  }
  return made;
}

const identified = (description: PipelineDescription): PipelineIdentity => ({
  digest: createHash('sha256').update(JSON.stringify(description)).digest('hex'),
  description,
});

const describe = (pipeline: Pipeline, { graph, sequence, towers, ranker }: Models): PipelineDescription => ({
  pipeline: pipeline.name,
  sources: sourceNames(pipeline),
  filters: [...pipeline.filters, ...(pipeline.rankedFilters ?? [])].map((filter) => filter.name),
  scorers: pipeline.scorers.map((scorer) => scorer.name),
  selector: pipeline.selector.name,
  weights: ranker ? {} : weightsOf(pipeline, towers),
  features: FEATURES,
  depth: pipeline.depth,
  settings: pipeline.settings ?? {},
  versions: {
    ...{ ...pipeline.versions, itemGraph: graph.version },
    ...(ranker ? { ranker: ranker.version } : { blend: pipeline.blend.version }),
    ...(sequence && { sequence: sequence.version }),
    ...(towers && { towers: towers.version }),
  },
});

/** Every source that a candidate can name: the fallback may widen one that a variant leaves out. */
function sourceNames({ sources, fallback }: Pipeline): string[] {
  const names = sources.map((source) => source.name);
  return fallback === undefined || names.includes(fallback.name) ? names : [...names, fallback.name];
}
