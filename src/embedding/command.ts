import type { EmbeddingParts } from './batch.ts';
import { openRounds } from './embedder.ts';
import { embeddingQueue } from './queue.ts';
import { type EmbeddingReport, embeddingReport } from './report.ts';

/**
 * Embeds what has no vector, failures included, until nothing is left to be tried; with `all`, everything
 * that was measured before is measured again.
 */
export async function embedNow(
  parts: EmbeddingParts,
  { all, batch }: { all: boolean; batch?: number },
  progress: (fraction: number, note: string) => void,
): Promise<EmbeddingReport & { embedded: number; failed: number; seconds: number }> {
  const began = performance.now();
  const { db, catalog, encoder } = parts;
  await catalog.forgetOthers('clip', all ? '' : encoder.id);
  await embeddingQueue(db).retryAll();
  const total = (await embeddingReport(db)).vectors.missing;
  const rounds = openRounds(parts, batch);
  const { signal } = new AbortController();
  let [embedded, failed] = [0, 0];
  for (;;) {
    const round = await rounds.next(signal);
    embedded += round.embedded;
    failed += round.failed;
    progress((embedded + failed) / Math.max(1, total), `${embedded} embedded, ${failed} failed`);
    if (round.idle) break;
  }
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { embedded, failed, seconds, ...(await embeddingReport(db)) };
}
