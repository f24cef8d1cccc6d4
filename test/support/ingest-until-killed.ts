import { writeSync } from 'node:fs';
import { openMigrated, openPool } from '../../src/db/index.ts';
import { silentLog } from '../../src/log.ts';
import { event, openReplica } from './events.ts';

/**
 * An api process under load that is about to be killed: several callers ingest batches, and the id of each
 * acknowledged event is written to standard output at once, past every buffer that would die with it.
 *   node ingest-until-killed.ts SOCKET_FOLDER DATABASE
 */
const [socketFolder, database] = process.argv.slice(2) as [string, string];
const pool = openPool({ socketFolder, database }, { DATABASE_POOL: 8 }, silentLog);
const db = await openMigrated(pool, silentLog, { embedded: true, description: '', leave: () => {} });
const { events } = await openReplica({ teardown: () => {} }, db);

await Promise.all(
  Array.from({ length: 8 }, async (_, caller) => {
    for (let n = 0; ; n++) {
      const size = 1 + ((n * 7 + caller * 13) % 60);
      const batch = Array.from({ length: size }, (_, k) => event(`user-${(n + k) % 50}`, `item-${k}`));
      const results = await events.ingest(batch);
      const accepted = results.filter(({ status }) => status === 'accepted');
      writeSync(1, accepted.map(({ eventId }) => `${eventId}\n`).join(''));
    }
  }),
);
