import { LRUCache } from 'lru-cache';
import { Piscina } from 'piscina';
import type { ItemColumns } from '../../catalog/columns.ts';
import type { ItemRef } from '../../catalog/types.ts';
import type { HistoryAnswer, HistoryModel, HistoryQuestion, LearnedItems } from './types.ts';

/** Best items that an answer names: what of them may be shown is found out later. */
const NAMED = 600;
/** People whose answers are kept: some 5 KB each. */
const PEOPLE = 10_000;
const NO_VECTOR = new Float32Array(0);

/** Items beyond those of the artifact, in the order of their columns; without vectors they are never named. */
export type Added = { items: ItemRef[]; vectors: Float32Array | null };
export type GrowingModel = HistoryModel & {
  /** The thread that answers, for questions of a model's own. */
  readonly thread: Piscina;
  /** Items that the thread has taken up behind all that it knew. */
  add(added: Added): void;
};

/**
 * A model over the catalogue as this process knows it. Encoding and the products with all items happen in a
 * thread, so that the thread that answers requests waits for neither.
 *
 * @param worker the file of that thread; `artifact` is its workerData
 */
export function openHistoryModel(
  artifact: LearnedItems,
  columns: Pick<ItemColumns, 'refOf' | 'version'>,
  worker: URL,
): GrowingModel {
  const { kind, version, ids, dims, likenessDims = dims, length, minStrength } = artifact;
  const thread = new Piscina<HistoryQuestion, HistoryAnswer>({
    ...{ filename: worker.href, minThreads: 1, maxThreads: 1, workerData: artifact },
  });
  const known = new LRUCache<number, { seq: number; answer: HistoryAnswer | Promise<HistoryAnswer> }>({
    max: PEOPLE,
  });
  const vectors = Array.from(ids, (_, column) => row(artifact.vectors, column, dims));
  const lengthOf = (vector: Float32Array) => Math.sqrt(product(vector, vector, likenessDims));
  const lengths = vectors.map(lengthOf);
  const items: ItemRef[] = new Array(ids.length).fill(0);
  let columnOfRef = new Int32Array(0);
  let joinedAt = -1;

  function rejoin(): void {
    if (joinedAt === columns.version) return;
    joinedAt = columns.version;
    ids.forEach((id, column) => {
      items[column] = columns.refOf(kind, id) ?? 0;
    });
    index();
  }

  function index(): void {
    columnOfRef = new Int32Array(items.reduce((most, item) => Math.max(most, item), 0) + 1).fill(-1);
    items.forEach((item, column) => {
      if (item > 0) columnOfRef[item] = column;
    });
  }
  rejoin();

  return {
    ...{ kind, version, minStrength, length, rejoin, thread },
    columnOf: (item) => columnOfRef[item] ?? -1,
    itemAt: (column) => items[column]!,
    ask({ user, seq }, history) {
      const before = known.get(user);
      if (before?.seq === seq) return before.answer;
      const asked = thread.run({ history, count: NAMED });
      const entry = { seq, answer: asked as HistoryAnswer | Promise<HistoryAnswer> };
      known.set(user, entry);
      asked.then(
        (answer) => {
          entry.answer = answer;
        },
        () => known.get(user) === entry && known.delete(user),
      );
      return asked;
    },
    answered({ user, seq }) {
      const there = known.get(user);
      return there?.seq !== seq || there.answer instanceof Promise ? undefined : there.answer;
    },
    logitOf: ({ user }, column) => product(user, vectors[column]!, dims),
    likeness: (a, b) => product(vectors[a]!, vectors[b]!, likenessDims) / (lengths[a]! * lengths[b]! || 1),
    add(added) {
      added.items.forEach((item, n) => {
        const vector = added.vectors === null ? NO_VECTOR : row(added.vectors, n, dims);
        items.push(item);
        vectors.push(vector);
        lengths.push(lengthOf(vector));
      });
      index();
      // What is kept was answered without them.
      known.clear();
    },
    close: () => thread.close(),
  };
}

const row = (vectors: Float32Array, column: number, dims: number): Float32Array =>
  vectors.subarray(column * dims, (column + 1) * dims);

/** Of the first `dims` numbers. */
function product(a: Float32Array, b: Float32Array, dims: number): number {
  let sum = 0;
  for (let d = 0; d < dims; d++) sum += a[d]! * b[d]!;
  return sum;
}
