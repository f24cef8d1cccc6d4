import { HamletError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { VectorStore } from './port.ts';

export async function openQdrant(_at: { url: string; apiKey?: string }, _log: Log): Promise<VectorStore> {
  throw new HamletError('vectors-unavailable', 503, 'Qdrant is not built in yet.');
}
