import { writeSync } from 'node:fs';
import { openMigrated, openPool } from '../../src/db/index.ts';
import { importSequences } from '../../src/imports/index.ts';
import { silentLog } from '../../src/log.ts';
import { openReplica } from './events.ts';

/**
 * An import that is about to be killed: says on standard output how far it has come, past every buffer.
 *   node import-until-killed.ts SOCKET_FOLDER DATABASE HOME FILE
 */
const [socketFolder, database, home, file] = process.argv.slice(2) as [string, string, string, string];
const pool = openPool({ socketFolder, database }, { DATABASE_POOL: 4 }, silentLog);
const db = await openMigrated(pool, silentLog, { embedded: true, description: '', leave: () => {} });
const { catalog, events } = await openReplica({ teardown: () => {} }, db);
const stored = setInterval(async () => writeSync(1, `${(await events.counts()).events}\n`), 5);
await importSequences({ db, catalog, events, home, log: silentLog }, { file, format: 'pairs' });
clearInterval(stored);
await db.close();
