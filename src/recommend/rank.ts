import type { ItemKind } from '../catalog/types.ts';
import type { LearnedModels, Rankers } from '../models/index.ts';
import type { ItemGraph } from '../models/item-graph/types.ts';
import { identify, type PipelineIdentity } from './digest.ts';
import { combined, teamDraft } from './interleave.ts';
import { runPipeline } from './pipeline.ts';
import { type Look, rerankTop } from './rerank-stage.ts';
import type {
  Assignment,
  Context,
  Degraded,
  Pipeline,
  PipelineOverrides,
  RankedList,
  Reranker,
} from './types.ts';

export type Ranked = { list: RankedList; identity: PipelineIdentity };
type Parts = {
  pipelineOf: (overrides: PipelineOverrides) => Pipeline;
  graph: (kind: ItemKind) => ItemGraph;
  /** Whether that is not the graph in force, because it cannot be read here. */
  graphBehind: (kind: ItemKind) => boolean;
  /** A graph that a variant names; undefined when it is not in memory. */
  graphAt?: (kind: ItemKind, version: string) => ItemGraph | undefined;
  reranker?: Reranker;
  look: Look;
  /** Models in force; none where nobody trained one. */
  sequences?: Pick<LearnedModels, 'current' | 'behind'>;
  towers?: Pick<LearnedModels, 'current' | 'behind'>;
  /** Rankers in force; without one the blend ranks. */
  rankers?: Pick<Rankers, 'current' | 'behind'>;
};
type Asked = Omit<Context, 'graph' | 'sequence' | 'towers' | 'ranker'>;

/** The pipelines made once each, however often a variant asks for them. */
export function pipelinesOf(make: (overrides: PipelineOverrides) => Pipeline): Parts['pipelineOf'] {
  const made = new WeakMap<PipelineOverrides, Pipeline>();
  return (overrides) => {
    const known = made.get(overrides);
    if (known) return known;
    const pipeline = make(overrides);
    made.set(overrides, pipeline);
    return pipeline;
  };
}

/** The list that an assignment asks for: one pipeline's, or two interleaved. */
export async function rank(parts: Parts, pipelines: Assignment['pipelines'], asked: Asked): Promise<Ranked> {
  const ranked = await Promise.all(pipelines.map((overrides) => rankBy(parts, overrides, asked)));
  const [one, other] = ranked as [Ranked, Ranked?];
  if (other === undefined) return one;
  const depth = Math.max(one.list.items.length, other.list.items.length);
  const list = teamDraft([one.list, other.list], depth, asked.random);
  return { list, identity: combined(one.identity, other.identity) };
}

/** Said of lists and of `similar` while an older item graph answers than the one in force. */
export const GRAPH_MISSING: Degraded = { stage: 'similar', code: 'artifact-missing' };
/** Said of lists while the learned model in force cannot be read here. */
const SEQUENCE_MISSING: Degraded = { stage: 'sequence', code: 'artifact-missing' };
const TOWERS_MISSING: Degraded = { stage: 'two-tower', code: 'artifact-missing' };
/** And while the ranker cannot. */
const RANKER_MISSING: Degraded = { stage: 'ranker', code: 'artifact-missing' };
const AS_SERVED: PipelineOverrides = {};

/** A graph that is named but not there costs the list its variant, not its answer; `degraded` says so. */
async function rankBy(parts: Parts, overrides: PipelineOverrides, asked: Asked): Promise<Ranked> {
  const { kind } = asked.request;
  const version = overrides.artifacts?.[`item-graph-${kind}`];
  const named = version === undefined ? undefined : parts.graphAt?.(kind, version);
  const missing = version !== undefined && named === undefined;
  const pipeline = parts.pipelineOf(missing ? AS_SERVED : overrides);
  const graph = named ?? parts.graph(kind);
  const ranker = pipeline.byHand ? undefined : parts.rankers?.current(kind);
  const learned = { sequence: parts.sequences?.current(kind), towers: parts.towers?.current(kind) };
  const models = { graph, ...learned, ranker };
  const list = await runPipeline(pipeline, { ...asked, ...models });
  if (missing) list.trace.degraded.push({ stage: 'variant', code: 'artifact-missing' });
  if (named === undefined && parts.graphBehind(kind)) list.trace.degraded.push(GRAPH_MISSING);
  if (parts.sequences?.behind(kind)) list.trace.degraded.push(SEQUENCE_MISSING);
  if (parts.towers?.behind(kind)) list.trace.degraded.push(TOWERS_MISSING);
  if (parts.rankers?.behind(kind)) list.trace.degraded.push(RANKER_MISSING);
  const identity = identify(pipeline, models);
  const { rerank: wished = 'auto' } = asked.request;
  const mode = wished === 'auto' ? (overrides.rerank ?? 'auto') : wished;
  if (parts.reranker === undefined || mode === 'off') return { list, identity };
  return rerankTop(parts.reranker, { list, identity }, asked, parts.look, mode);
}
