import { createHash } from 'node:crypto';
import { buildItemGraph } from '../../models/index.ts';
import type { InteractionLog, ItemGraph } from '../../models/item-graph/types.ts';

export type GraphOf = (log: InteractionLog, content: (Float32Array | undefined)[]) => ItemGraph;

/** The same log gives the same graph, and EASE is not worked out twice for it. The last few are kept. */
export function rememberedGraphs(kept = 2): GraphOf {
  const known = new Map<string, ItemGraph>();
  return (log, content) => {
    const digest = createHash('sha256');
    for (const array of [log.items, log.offsets, log.columns, log.strengths, log.times])
      digest.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    for (const vector of content)
      digest.update(vector ? new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength) : '-');
    const key = digest.digest('hex');
    const graph = known.get(key) ?? buildItemGraph(log, { content });
    known.delete(key);
    known.set(key, graph);
    for (const oldest of [...known.keys()].slice(0, -kept)) known.delete(oldest);
    return graph;
  };
}
