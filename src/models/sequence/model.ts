import { LRUCache } from 'lru-cache';
import { Piscina } from 'piscina';
import type { ItemColumns } from '../../catalog/columns.ts';
import type { SequenceArtifact } from './artifact.ts';
import type { SequenceAnswer, SequenceModel, SequenceQuestion } from './types.ts';

/** Best items that an answer names: what of them may be shown is found out later. */
const NAMED = 600;
/** People whose answers are kept: some 5 KB each. */
const PEOPLE = 10_000;

/**
 * A model over the catalogue as this process knows it. Encoding and the products with all items happen in a
 * thread, so that the thread that answers requests waits for neither.
 */
export function openSequenceModel(
  artifact: SequenceArtifact,
  columns: Pick<ItemColumns, 'refOf' | 'version'>,
): SequenceModel {
  const { kind, version, ids, vectors, dims, length, minStrength } = artifact;
  const thread = new Piscina<SequenceQuestion, SequenceAnswer>({
    filename: new URL('./worker.ts', import.meta.url).href,
    ...{ minThreads: 1, maxThreads: 1, workerData: artifact },
  });
  const known = new LRUCache<number, { seq: number; answer: SequenceAnswer | Promise<SequenceAnswer> }>({
    max: PEOPLE,
  });
  const lengths = Float32Array.from(ids, (_, column) => Math.sqrt(product(vectors, column, column, dims)));
  const items = new Int32Array(ids.length);
  let columnOfRef = new Int32Array(0);
  let joinedAt = -1;

  function rejoin(): void {
    if (joinedAt === columns.version) return;
    joinedAt = columns.version;
    ids.forEach((id, column) => {
      items[column] = columns.refOf(kind, id) ?? 0;
    });
    columnOfRef = new Int32Array(items.reduce((most, item) => Math.max(most, item), 0) + 1).fill(-1);
    items.forEach((item, column) => {
      if (item > 0) columnOfRef[item] = column;
    });
  }
  rejoin();

  return {
    ...{ kind, version, minStrength, length, rejoin },
    columnOf: (item) => columnOfRef[item] ?? -1,
    itemAt: (column) => items[column]!,
    ask({ user, seq }, history) {
      const before = known.get(user);
      if (before?.seq === seq) return before.answer;
      const asked = thread.run({ history, count: NAMED });
      const entry = { seq, answer: asked as SequenceAnswer | Promise<SequenceAnswer> };
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
    logitOf: ({ user }, column) => dot(user, vectors, column * dims),
    likeness: (a, b) => product(vectors, a, b, dims) / (lengths[a]! * lengths[b]! || 1),
    close: () => thread.close(),
  };
}

const product = (vectors: Float32Array, a: number, b: number, dims: number): number =>
  dot(vectors.subarray(a * dims, (a + 1) * dims), vectors, b * dims);

function dot(user: Float32Array, vectors: Float32Array, at: number): number {
  let sum = 0;
  for (let d = 0; d < user.length; d++) sum += user[d]! * vectors[at + d]!;
  return sum;
}
