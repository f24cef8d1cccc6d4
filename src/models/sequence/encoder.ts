import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { SequenceArtifact } from './artifact.ts';

export type SequenceEncoder = {
  /** @param history columns, oldest first, at least one; the newest `length` are looked at */
  encode(history: Int32Array): Promise<Float32Array>;
  /** Logits of all items, by column. */
  scores(user: Float32Array, into: Float32Array | Float64Array): void;
};

/** The encoder in this thread: one core, since many small questions are asked. */
export async function openSequenceEncoder(
  artifact: Pick<SequenceArtifact, 'encoder' | 'vectors' | 'dims' | 'length'>,
): Promise<SequenceEncoder> {
  const { vectors, dims, length } = artifact;
  const session = await InferenceSession.create(artifact.encoder, {
    ...{ intraOpNumThreads: 1, interOpNumThreads: 1 },
  });
  return {
    async encode(history) {
      const newest = history.subarray(Math.max(0, history.length - length));
      const numbers = BigInt64Array.from(newest, (column) => BigInt(column + 1));
      const { users } = await session.run({ items: new Tensor('int64', numbers, [1, numbers.length]) });
      return users!.data as Float32Array;
    },
    scores(user, into) {
      for (let column = 0, at = 0; column < into.length; column++) {
        let sum = 0;
        for (let d = 0; d < dims; d++) sum += user[d]! * vectors[at++]!;
        into[column] = sum;
      }
    },
  };
}
