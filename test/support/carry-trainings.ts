import { openMigrated, openPool } from '../../src/db/index.ts';
import { silentLog } from '../../src/log.ts';
import { openTestTrainings } from './trainings.ts';

/**
 * An api process as far as trainings go, which is about to be killed:
 *   node carry-trainings.ts SOCKET_FOLDER DATABASE HOME URL[,URL]
 */
const [socketFolder, database, home, urls] = process.argv.slice(2) as [string, string, string, string];
const pool = openPool({ socketFolder, database }, { DATABASE_POOL: 4 }, silentLog);
const db = await openMigrated(pool, silentLog, { embedded: true, description: '', leave: () => {} });
await openTestTrainings({ teardown: () => {} }, db, home, urls.split(','), { times: { lease: 2000 } });
process.stdout.write('carrying\n');
