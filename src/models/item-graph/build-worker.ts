import { parentPort, workerData } from 'node:worker_threads';
import { type BuildOptions, buildArrays } from './build.ts';
import type { InteractionLog } from './types.ts';

/** The other side of `build-in-worker.ts`: builds once, sends the arrays without copying them, ends. */
const { log, options } = workerData as { log: InteractionLog; options: BuildOptions };
const graph = buildArrays(log, options, (fraction) => parentPort!.postMessage({ fraction }));
parentPort!.postMessage({ graph }, [
  ...new Set(
    [
      graph.items,
      graph.neighbours.offsets,
      graph.neighbours.columns,
      graph.neighbours.weights,
      graph.transitions.offsets,
      graph.transitions.columns,
      graph.transitions.weights,
      graph.popularity,
      graph.trend,
      graph.cluster,
    ].map((array) => array.buffer as ArrayBuffer),
  ),
]);
