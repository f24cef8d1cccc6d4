import { writeSync } from 'node:fs';
import { openCatalog } from '../../src/catalog/index.ts';
import { classifyNow } from '../../src/classification/index.ts';
import { loadConfig } from '../../src/config.ts';
import { openMigrated, openPool } from '../../src/db/index.ts';
import { openImageLoader } from '../../src/images/index.ts';
import { silentLog } from '../../src/log.ts';
import { openSafety } from '../../src/safety/index.ts';
import { openSidecars } from '../../src/sidecar/index.ts';
import { contentEncoder, lexiconScorer, openMarks } from '../../src/text/index.ts';

/**
 * A `classify` that is about to be killed: says on standard output how many pictures it has classified.
 *   node classify-until-killed.ts SOCKET_FOLDER DATABASE CLASSIFIER
 */
const [socketFolder, database, classifier] = process.argv.slice(2) as [string, string, string];
const pool = openPool({ socketFolder, database }, { DATABASE_POOL: 4 }, silentLog);
const db = await openMigrated(pool, silentLog, { embedded: true, description: '', leave: () => {} });
const sidecars = openSidecars(loadConfig({}), silentLog);
const { rule, judge } = await openSafety(classifier, { sidecars, home: '', log: silentLog });
const catalog = await openCatalog(db, {
  ...{ toxicity: lexiconScorer(), marks: openMarks(), encoder: contentEncoder(), rule },
  ...{ contentDims: 4, log: silentLog },
});
const images = openImageLoader({ trustedHosts: new Set(), renderPicture: () => null });
const once = { all: false, apply: false, share: 1 };
await classifyNow({ db, catalog, images, judge: judge! }, once, (_, note) => writeSync(1, `${note}\n`));
