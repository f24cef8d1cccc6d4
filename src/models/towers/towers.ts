import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { TowerArtifact } from './artifact.ts';

/** What the item tower says of items by their content, a row each. */
export type ByContent = { history: Float32Array; weights: Float32Array; items: Float32Array };
/** The item tables that a history is read from; both grow by items known by their content. */
export type HistoryTables = Pick<ByContent, 'history' | 'weights'>;

export type Towers = {
  /** @param history columns of `tables`, oldest first, at least one; the newest `length` are looked at */
  user(history: Int32Array, tables: HistoryTables): Promise<Float32Array>;
  /** @param content rows of the artifact's content length */
  byContent(content: Float32Array): Promise<ByContent>;
};

/** Tables, and the vectors of what may be named; row n of these is of column `columns[n]`. */
export type KnownItems = HistoryTables & { vectors: Float32Array; columns: number[] };

export const itemsOf = ({ ids, history, weights, vectors }: TowerArtifact): KnownItems => ({
  ...{ history, weights, vectors, columns: [...ids.keys()] },
});

/** With items behind them that are known by their content, to be `named` or only to be part of histories. */
export const grown = (known: KnownItems, said: ByContent, named: boolean): KnownItems => ({
  history: joined(known.history, said.history),
  weights: joined(known.weights, said.weights),
  vectors: named ? joined(known.vectors, said.items) : known.vectors,
  columns: named
    ? known.columns.concat(Array.from(said.weights, (_, n) => known.weights.length + n))
    : known.columns,
});

function joined(rows: Float32Array, more: Float32Array): Float32Array {
  const both = new Float32Array(rows.length + more.length);
  both.set(rows);
  both.set(more, rows.length);
  return both;
}

const ONE_CORE = { intraOpNumThreads: 1, interOpNumThreads: 1 };

/** Both towers in this thread: one core, since many small questions are asked. */
export async function openTowers(
  artifact: Pick<TowerArtifact, 'user' | 'item' | 'content' | 'historyDims' | 'length'>,
): Promise<Towers> {
  const { historyDims: dims, length, content: width } = artifact;
  const user = await InferenceSession.create(artifact.user, ONE_CORE);
  const item = artifact.item === null ? null : await InferenceSession.create(artifact.item, ONE_CORE);
  return {
    async user(history, tables) {
      const newest = history.subarray(Math.max(0, history.length - length));
      const n = newest.length;
      const vectors = new Float32Array(n * dims);
      newest.forEach((column, at) => {
        vectors.set(tables.history.subarray(column * dims, (column + 1) * dims), at * dims);
      });
      const { users } = await user.run({
        vectors: new Tensor('float32', vectors, [1, n, dims]),
        weights: new Tensor(
          'float32',
          Float32Array.from(newest, (column) => tables.weights[column]!),
          [1, n],
        ),
        ages: new Tensor(
          'float32',
          Float32Array.from(newest, (_, at) => n - 1 - at),
          [1, n],
        ),
      });
      return Float32Array.from(users!.data as Float32Array);
    },
    async byContent(content) {
      if (item === null) throw new Error('these towers have learned nothing of content');
      const said = await item.run({
        content: new Tensor('float32', content, [content.length / width, width]),
      });
      const { history, weights, items } = said as Record<keyof ByContent, Tensor>;
      const rows = (tensor: Tensor) => Float32Array.from(tensor.data as Float32Array);
      return { history: rows(history), weights: rows(weights), items: rows(items) };
    },
  };
}
