import { writeSync } from 'node:fs';
import { openMigrated, openPool } from '../../src/db/index.ts';
import { silentLog } from '../../src/log.ts';
import { carryChanges } from '../../src/vectors/index.ts';
import { openPlace } from './vector-places.ts';

/**
 * A process that carries changes into an index and is about to be killed: says each batch that the store
 * has taken, and saves after each, so that some of it is durable and the cursor has moved.
 *   node carry-until-killed.ts SOCKET_FOLDER DATABASE PLACE_AS_JSON SPACES_AS_JSON
 */
const [socketFolder, database, place, spaces] = process.argv.slice(2) as [string, string, string, string];
const pool = openPool({ socketFolder, database }, { DATABASE_POOL: 2 }, silentLog);
const db = await openMigrated(pool, silentLog, { embedded: true, description: '', leave: () => {} });
const store = await openPlace(JSON.parse(place));
const { upsert } = store;
store.upsert = async (kind, points, collection) => {
  // In the middle: half of the batch is in the index, the other half is not.
  await upsert(kind, points.slice(0, points.length / 2), collection);
  await store.flush(collection);
  writeSync(1, 'half a batch\n');
  await upsert(kind, points.slice(points.length / 2), collection);
};
await carryChanges(db, store, { spaces: JSON.parse(spaces), log: silentLog, pollMs: 1 });
