import { parentPort, workerData } from 'node:worker_threads';
import { type BuildOptions, buildArrays, nameOf } from './build.ts';
import type { InteractionLog } from './types.ts';

type Given = { log: InteractionLog; options: BuildOptions; known: string | undefined };

/** The other side of `build-in-worker.ts`: builds once, sends the arrays without copying them, ends. */
const { log, options, known } = workerData as Given;
if (known !== undefined && nameOf(log, options).version === known) parentPort!.postMessage({ graph: null });
else build();

function build(): void {
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
}
