import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { openEmbedded } from './embedded.ts';
import type { VectorStore } from './port.ts';
import { openQdrant } from './qdrant.ts';

/** The embedded store, or Qdrant where VECTORS_URL names one. Does not wait for Qdrant to answer. */
export function openVectors(
  config: Pick<Config, 'VECTORS_URL' | 'VECTORS_API_KEY' | 'HAMLET_HOME'>,
  log: Log,
): Promise<VectorStore> {
  if (config.VECTORS_URL === '') return openEmbedded(config.HAMLET_HOME, log);
  const at = { url: config.VECTORS_URL, apiKey: config.VECTORS_API_KEY || undefined };
  return Promise.resolve(openQdrant(at, log));
}
