import { type PictureQueue, pictureQueue } from '../catalog/index.ts';
import type { Database } from '../db/index.ts';

const UNSEEN = 'not exists (select 1 from item_evidence e where e.item_ref = i.ref and e.judge = $1)';

/**
 * Pictures that the judge asked for (`$1`) has not seen.
 * @param all those of items with a level of their own too
 */
export const classificationQueue = (db: Database, all = false): PictureQueue =>
  pictureQueue(db, 'classification_attempts', all ? UNSEEN : `i.classify and ${UNSEEN}`);
