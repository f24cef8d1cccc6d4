import { openIdleThread } from '../idle-thread.ts';
import { clipInvalid } from './folder.ts';
import type { TowerData } from './tower-worker.ts';

type Ask = { pixels: Uint8Array; count: number } | { texts: string[] };

/** One tower of a CLIP model in a thread that gives back some 60 MB when it ends. */
export function openTower(
  data: TowerData,
  idleMs: number,
): {
  ask(question: Ask): Promise<Float32Array>;
  close(): Promise<void>;
} {
  const thread = openIdleThread<Ask, { vectors: Float32Array }>(
    new URL('./tower-worker.ts', import.meta.url),
    data,
    { idleMs, failed: (error) => clipInvalid(data.folder.path, error.message) },
  );
  return {
    async ask(question) {
      const moved = 'pixels' in question ? [question.pixels.buffer as ArrayBuffer] : [];
      return (await thread.ask(question, moved)).vectors;
    },
    close: thread.close,
  };
}
