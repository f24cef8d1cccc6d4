import { type PictureQueue, pictureQueue } from '../catalog/index.ts';
import type { Database } from '../db/index.ts';

/** Pictures without a content vector of the encoder that is asked for (`$1`). */
export const embeddingQueue = (db: Database): PictureQueue =>
  pictureQueue(
    db,
    'embedding_attempts',
    `not exists (select 1 from item_vectors v
       where v.item_ref = i.ref and v.space = 'clip' and v.source in ('declared', $1))`,
  );
