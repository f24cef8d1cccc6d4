import { InferenceSession, Tensor } from 'onnxruntime-node';
import { onnx } from '../../safety/index.ts';
import type { Best } from './metrics.ts';

/** Exact products of many people with all items, and the best of each: one network, since that is what it is fast at. */
export async function openProducts(vectors: Float32Array, dims: number) {
  const session = await InferenceSession.create(Buffer.from(productsAndBest(dims)), {
    ...{ intraOpNumThreads: 1, interOpNumThreads: 1 },
  });
  const items = new Tensor('float32', vectors, [vectors.length / dims, dims]);
  return async (users: Float32Array, count: number): Promise<Best[]> => {
    const rows = users.length / dims;
    const { scores, columns } = await session.run({
      users: new Tensor('float32', users, [rows, dims]),
      items,
      count: new Tensor('int64', BigInt64Array.of(BigInt(count)), [1]),
    });
    return Array.from({ length: rows }, (_, row) => ({
      scores: (scores!.data as Float32Array).slice(row * count, (row + 1) * count),
      columns: Int32Array.from(
        (columns!.data as BigInt64Array).subarray(row * count, (row + 1) * count),
        Number,
      ),
    }));
  };
}

const productsAndBest = (dims: number): Uint8Array =>
  onnx.model(
    [
      onnx.node('Gemm', ['users', 'items'], 'products', { transB: 1 }),
      onnx.node('TopK', ['products', 'count'], ['scores', 'columns']),
    ],
    [],
    [
      onnx.value('users', onnx.FLOAT, ['people', dims]),
      onnx.value('items', onnx.FLOAT, ['catalogue', dims]),
      onnx.value('count', onnx.INT64, [1]),
    ],
    [
      onnx.value('scores', onnx.FLOAT, ['people', 'best']),
      onnx.value('columns', onnx.INT64, ['people', 'best']),
    ],
  );
