import { join } from 'node:path';
import { IS_CONSENTED, IS_SAFE } from '../catalog/index.ts';
import { type ItemKind, type ItemRef, KIND_CODE } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import { HamletError, unavailable } from '../errors.ts';
import { type Clip, offerModel, offerShown, type ReadPictures, shapeOf } from '../models/index.ts';

type Spec = Record<string, unknown>;
export type OfferParts = { db: Database; home: string; clip: Clip; readPictures: ReadPictures };

/** Items whose pictures are read at a time, and pictures of a folder: some 20 MB, so that memory stays small. */
const READ = 16;
const PART = 128;

/**
 * What two towers that go on learning in CLIP's vision transformer are given beside a snapshot: the model's folder,
 * and the pictures of items that anybody had to do with, where they are safe and their makers may be learned from.
 * Null for any other spec.
 * @param between to be awaited now and then
 * @throws HamletError `clip-model-missing` (503), `pictures-missing` (422) when not one picture can be read
 */
export async function offerPictures(
  { db, home, clip, readPictures }: OfferParts,
  spec: Spec,
  between: () => Promise<void> = async () => {},
): Promise<{ clip: string; pixels: string[] } | null> {
  if (!spec.visionBlocks || spec.pixels !== undefined) return null;
  if (clip.encoder === null)
    throw clip.problem ?? unavailable('clip-model-missing', 'No CLIP model is there to begin from.', 60);
  const artifacts = join(home, 'artifacts');
  const { folder } = clip.encoder;
  const shape = shapeOf(folder.preprocessing);
  const items = await itemsOfLog(db, spec);
  const pixels: string[] = [];
  let shown: { items: number[]; pixels: Uint8Array }[] = [];
  const offerPart = async () => {
    if (shown.length > 0) pixels.push(await offerShown(artifacts, folder, shown));
    shown = [];
  };
  for (let from = 0; from < items.length; from += READ) {
    const seen = [...(await readPictures(items.slice(from, from + READ), shape))].sort(([a], [b]) => a - b);
    for (const [item, squares] of seen)
      for (const square of squares) {
        shown.push({ items: [item], pixels: square });
        if (shown.length === PART) await offerPart();
      }
    await between();
  }
  await offerPart();
  if (pixels.length === 0)
    throw new HamletError(
      'pictures-missing',
      422,
      `none of ${items.length} items that may be learned from has a picture that can be read`,
    );
  return { clip: await offerModel(artifacts, folder), pixels };
}

/** Towers of content have histories of every kind. */
async function itemsOfLog(db: Database, { items = 'image', of, histories }: Spec): Promise<ItemRef[]> {
  const every = (histories ?? (of === 'content' ? 'all' : 'own')) === 'all';
  const kinds = every ? Object.values(KIND_CODE) : [KIND_CODE[items as ItemKind]];
  const rows = await query<{ ref: ItemRef }>(
    db,
    `select i.ref from items i where ${IS_SAFE} and ${IS_CONSENTED} and i.kind = any($1::int[])
       and i.ref in (select item_ref from events) order by i.ref`,
    [kinds],
  );
  return rows.map(({ ref }) => ref);
}
