import { QdrantClient } from '@qdrant/js-client-rest';
import t, { type Test } from 'tap';
import { silentLog } from '../../src/log.ts';
import { openQdrant } from '../../src/vectors/qdrant.ts';
import { newPrefix, qdrantServer } from '../support/qdrant-server.ts';
import { vectorContract } from './vectors.ts';

/**
 * The suite over Qdrant's own engine behind the test server; VECTORS_URL (and VECTORS_API_KEY) in the
 * environment run it against a real one, in collections of its own that it removes.
 */
t.setTimeout(600_000);
t.test('the Qdrant store', async (t) => {
  const url = process.env.VECTORS_URL || (await qdrantServer(t)).url;
  const apiKey = process.env.VECTORS_API_KEY || undefined;
  vectorContract(t, async (t: Test) => {
    const prefix = newPrefix();
    t.teardown(() => dropCollections(url, apiKey, prefix));
    return { open: async () => openQdrant({ url, apiKey, prefix }, silentLog) };
  });
});

async function dropCollections(url: string, apiKey: string | undefined, prefix: string): Promise<void> {
  const client = new QdrantClient({ url, apiKey, checkCompatibility: false });
  const { collections } = await client.getCollections();
  for (const { name } of collections) if (name.startsWith(prefix)) await client.deleteCollection(name);
}
