import { Worker } from 'node:worker_threads';
import type { BuildOptions } from './build.ts';
import { type ItemGraphArrays, withLookup } from './graph.ts';
import type { InteractionLog, ItemGraph } from './types.ts';

type Message = { fraction: number } | { graph: ItemGraphArrays | null };

/**
 * `buildItemGraph` off the event loop. The log's buffers move to the worker: the caller's views are empty
 * afterwards.
 *
 * @param known version of a graph that is there: null instead of the same graph again
 * @throws what the build throws; Error when the worker ends without an answer.
 */
export function buildItemGraphInWorker(
  log: InteractionLog,
  options: BuildOptions = {},
  progress: (fraction: number) => void = () => {},
  known?: string,
): Promise<ItemGraph | null> {
  const buffers = [log.items, log.offsets, log.columns, log.strengths, log.times].map(
    (array) => array.buffer,
  );
  const worker = new Worker(new URL('./build-worker.ts', import.meta.url), {
    workerData: { log, options, known },
    transferList: [...new Set(buffers)] as ArrayBuffer[],
  });
  return new Promise((resolve, reject) => {
    worker.on('message', (message: Message) => {
      if ('fraction' in message) progress(message.fraction);
      else resolve(message.graph && withLookup(message.graph));
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the item graph's worker ended early (${code})`)));
  });
}
