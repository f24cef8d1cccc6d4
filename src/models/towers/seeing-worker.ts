import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Vision } from './artifact.ts';

/** The picture half of an artifact in a thread of its own: see `looks.ts` for the other side. */
export type LooksRequest = { id: number; pixels: Uint8Array; count: number };

/** Pictures that go through the network at once. */
const BATCH = 16;

const { file, side, dims } = workerData as Vision;
const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const square = side * side * 3;

parentPort!.on('message', async ({ id, pixels, count }: LooksRequest) => {
  try {
    const vectors = new Float32Array(count * dims);
    for (let from = 0; from < count; from += BATCH) {
      const n = Math.min(BATCH, count - from);
      const part = Int32Array.from(pixels.subarray(from * square, (from + n) * square));
      const said = await session.run({ pixels: new Tensor('int32', part, [n, side, side, 3]) });
      const rows = said.vectors?.data as Float32Array | undefined;
      if (rows?.length !== n * dims || !rows.every(Number.isFinite))
        throw new Error(`vision.onnx does not answer ${dims} numbers a picture`);
      vectors.set(rows, from * dims);
    }
    parentPort!.postMessage({ id, vectors }, [vectors.buffer as ArrayBuffer]);
  } catch (error) {
    parentPort!.postMessage({ id, error: (error as Error).message });
  }
});
