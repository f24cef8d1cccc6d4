import type { PipelineIdentity } from './digest.ts';
import type { Random } from './random.ts';
import type { Candidate, RankedList } from './types.ts';

/**
 * Team-draft interleaving (Radlinski, Kurup & Joachims, CIKM 2008): round by round a coin decides who
 * picks first, and each of the two lists adds its best item that is not yet there. What both would show
 * belongs to whoever picked it, so that neither gains by copying.
 */
export function teamDraft(
  lists: readonly [RankedList, RankedList],
  depth: number,
  random: Random,
): RankedList {
  const items: Candidate[] = [];
  const teams: (0 | 1)[] = [];
  const placed = new Set<number>();
  const next = [0, 0];
  const pick = (team: 0 | 1): boolean => {
    const list = lists[team].items;
    while (next[team]! < list.length && placed.has(list[next[team]!]!.item)) next[team]!++;
    const item = list[next[team]!];
    if (item === undefined || items.length === depth) return false;
    placed.add(item.item);
    items.push(item);
    teams.push(team);
    return true;
  };
  for (let going = true; going; ) {
    const first = random.next() < 0.5 ? 0 : 1;
    const picked = [pick(first), pick(first === 0 ? 1 : 0)];
    going = picked[0]! || picked[1]!;
  }
  const [a, b] = lists.map(({ trace }) => trace) as [RankedList['trace'], RankedList['trace']];
  const trace = {
    ...{ pipeline: `${a.pipeline}+${b.pipeline}`, configDigest: `${a.configDigest}+${b.configDigest}` },
    ...{ versions: { ...a.versions, ...b.versions }, stages: [...a.stages, ...b.stages] },
    ...{ degraded: [...a.degraded, ...b.degraded], seed: a.seed, ms: a.ms + b.ms },
  };
  return { items, teams, trace, draw: null, rerank: lists[0].rerank ?? lists[1].rerank };
}

/** One identity for a list of two pipelines; their sources under one numbering. */
export function combined(a: PipelineIdentity, b: PipelineIdentity): PipelineIdentity {
  const either = (one: string[], other: string[]) => [...new Set([...one, ...other])];
  return {
    digest: `${a.digest}+${b.digest}`,
    description: {
      ...a.description,
      sources: either(a.description.sources, b.description.sources),
      interleaved: [a.description, b.description],
    },
  };
}
