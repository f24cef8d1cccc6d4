import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QdrantClient } from '@qdrant/js-client-rest';
import { silentLog } from '../../src/log.ts';
import { openVectors, type VectorStore } from '../../src/vectors/index.ts';
import { openQdrant } from '../../src/vectors/qdrant.ts';
import { newPrefix, qdrantServer } from './qdrant-server.ts';

/** Where an index lies: a folder, or names on a server. Opened twice it is the same index. */
export type VectorPlace = {
  at: { home: string } | { url: string; apiKey?: string; prefix: string };
  open(): Promise<VectorStore>;
};
/** A fresh, empty place, gone after the test. */
export type NewPlace = (t: Teardown) => VectorPlace;
type Teardown = { teardown(fn: () => unknown): void };

export const openPlace = async (at: VectorPlace['at']): Promise<VectorStore> =>
  'home' in at
    ? openVectors({ HAMLET_HOME: at.home, VECTORS_URL: '', VECTORS_API_KEY: '' }, silentLog)
    : openQdrant(at, silentLog);

export const embeddedPlace: NewPlace = (t) => {
  const home = mkdtempSync(join(tmpdir(), 'hamlet-vectors-'));
  const opened: VectorStore[] = [];
  t.teardown(async () => {
    for (const store of opened) await store.close();
    rmSync(home, { recursive: true, force: true });
  });
  return {
    at: { home },
    open: async () => {
      const store = await openPlace({ home });
      opened.push(store);
      return store;
    },
  };
};

/**
 * Places on one server: Qdrant's own engine behind the test server. VECTORS_URL (and VECTORS_API_KEY) in
 * the environment name a real one instead; what the tests make there they also remove.
 */
export async function qdrantPlaces(t: Teardown): Promise<NewPlace> {
  const url = process.env.VECTORS_URL || (await qdrantServer(t)).url;
  const apiKey = process.env.VECTORS_API_KEY || undefined;
  return (t) => {
    const at = { url, apiKey, prefix: newPrefix() };
    t.teardown(() => dropCollections(at));
    return { at, open: () => openPlace(at) };
  };
}

async function dropCollections(at: { url: string; apiKey?: string; prefix: string }): Promise<void> {
  const client = new QdrantClient({ url: at.url, apiKey: at.apiKey, checkCompatibility: false });
  const { collections } = await client.getCollections();
  for (const { name } of collections) if (name.startsWith(at.prefix)) await client.deleteCollection(name);
}
