import { type Catalog, openCatalog } from '../../src/catalog/index.ts';
import type { Database } from '../../src/db/index.ts';
import { silentLog } from '../../src/log.ts';
import { openRule } from '../../src/safety/index.ts';
import { contentEncoder, lexiconScorer, openMarks } from '../../src/text/index.ts';

/** A catalogue as the app opens it without settings, but with short `clip` vectors. */
export function testCatalog(db: Database, contentDims = 4): Promise<Catalog> {
  return openCatalog(db, {
    toxicity: lexiconScorer(),
    marks: openMarks(),
    rule: openRule(),
    encoder: contentEncoder(),
    contentDims,
    log: silentLog,
  });
}
