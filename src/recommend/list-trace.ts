import type { PipelineDescription } from './digest.ts';
import type { Removed } from './removed-items.ts';
import type { Features, PageItem, RankedList, Reranked, StageTrace, Trace } from './types.ts';

/** The trace of one list as whoever looks into it is told: what each stage is for, and what each item scored. */
export type ListTrace = Omit<Trace, 'stages'> & {
  stages: (StageTrace & { role: Role })[];
  rerank: Reranked | null;
  /** `parts`: weight × feature, which the base score is the sum of. */
  items: { id: string; score: number; propensity: number; features: Features; parts: Features }[];
  /** Only in a whole trace. */
  removed?: Removed[];
};
type Role = 'source' | 'filter' | 'scorer' | 'selector' | 'other';

/** Of a list interleaved of two, the weights are the first one's. */
export function traceOf(
  list: RankedList,
  page: readonly PageItem[],
  about: Pick<PipelineDescription, 'sources' | 'filters' | 'scorers' | 'selector' | 'weights'>,
): ListTrace {
  const stages = list.trace.stages.map((stage) => ({ ...stage, role: roleOf(stage.stage, about) }));
  const items = page.map(({ id, position }) => {
    const { score, features, propensity } = list.items[position]!;
    const parts: Features = {};
    for (const name in features) if (about.weights[name]) parts[name] = about.weights[name] * features[name]!;
    return { id, score, propensity, features, parts };
  });
  return { ...list.trace, stages, rerank: list.rerank ?? null, items };
}

function roleOf(stage: string, about: Parameters<typeof traceOf>[2]): Role {
  if (about.sources.includes(stage)) return 'source';
  if (about.filters.includes(stage)) return 'filter';
  if (about.scorers.includes(stage)) return 'scorer';
  return stage === about.selector ? 'selector' : 'other';
}
