import type { ItemRef } from '../../catalog/types.ts';

/**
 * What the log says about items, with no training: neighbours, transitions, popularity. Built by a job,
 * stored as an artifact (`manifest.json` + little-endian arrays), loaded by every replica.
 * Item-indexed arrays are indexed by position in `items` ("column"); `column.get(ref)` finds it.
 */
export type ItemGraph = {
  version: string;
  /** Items the graph knows, ascending by ref. */
  items: Int32Array;
  /** Position in `items` of a ref; -1 when the graph does not know it. */
  columnOf(item: ItemRef): number;
  /** EASE weights (small catalogues) or shrunk co-visitation cosines: the query is a decayed history. */
  neighbours: SparseRows;
  /** Counts of "next item" after an item, each row divided by its total. */
  transitions: SparseRows;
  /** Distinct users who interacted positively with each item. */
  popularity: Float32Array;
  /** Time-decayed positive interactions; steps instead of time where times are synthetic. */
  trend: Float32Array;
  /** Content cluster of each item, 0…clusters-1 (all 0 when there are no content vectors). */
  cluster: Uint16Array;
  clusters: number;
  /** What it was built from and how; absent in the empty graph. */
  made?: { dataset: string; users: number; interactions: number; parameters: Record<string, number> };
};

/** Compressed rows: row i holds columns[offsets[i]…offsets[i+1]) with weights, strongest first. */
export type SparseRows = { offsets: Int32Array; columns: Int32Array; weights: Float32Array };

/** The log as training sees it: one row a user, columns of `items`, oldest first; strengths and times aligned. */
export type InteractionLog = {
  items: Int32Array;
  users: number;
  /** Row u holds [offsets[u], offsets[u+1]). */
  offsets: Int32Array;
  columns: Int32Array;
  strengths: Float32Array;
  /** Milliseconds, or the step index in the row where times are synthetic. */
  times: Float64Array;
  syntheticTime: boolean;
};
