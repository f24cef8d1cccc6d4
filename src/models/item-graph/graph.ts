import type { ItemRef } from '../../catalog/types.ts';
import type { ItemGraph } from './types.ts';

/** A graph as it is stored or sent between threads: arrays, without the lookup that is made from them. */
export type ItemGraphArrays = Omit<ItemGraph, 'columnOf'>;

/** Adds the lookup: one array over refs, since refs are dense. */
export function withLookup(arrays: ItemGraphArrays): ItemGraph {
  const { items } = arrays;
  const columns = new Int32Array((items.at(-1) ?? -1) + 1).fill(-1);
  items.forEach((item, column) => {
    columns[item] = column;
  });
  const columnOf = (item: ItemRef) => (item >= 0 && item < columns.length ? columns[item]! : -1);
  return { ...arrays, columnOf };
}

/** What is known before the first build. */
export const emptyItemGraph = (): ItemGraph => {
  const noRows = () => ({
    offsets: new Int32Array(1),
    columns: new Int32Array(0),
    weights: new Float32Array(0),
  });
  return withLookup({
    version: 'empty',
    items: new Int32Array(0),
    neighbours: noRows(),
    transitions: noRows(),
    popularity: new Float32Array(0),
    trend: new Float32Array(0),
    cluster: new Uint16Array(0),
    clusters: 1,
  });
};
