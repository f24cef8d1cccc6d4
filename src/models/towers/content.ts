import type { ItemColumns } from '../../catalog/columns.ts';
import type { ItemRef } from '../../catalog/types.ts';
import type { Shape } from '../../images/index.ts';
import type { TowerArtifact } from './artifact.ts';

/** CLIP vectors of items, of those that have one. */
export type ReadContent = (items: ItemRef[]) => Promise<ReadonlyMap<ItemRef, Float32Array>>;

/** Squares of pixels, as `shape` cuts them, of the pictures of items that have any that can be read. */
export type ReadPictures = (
  items: ItemRef[],
  shape: Shape,
  /** Once aborted, nothing more is loaded, and what was asked is refused. */
  signal?: AbortSignal,
) => Promise<ReadonlyMap<ItemRef, Uint8Array[]>>;

/** What an item tower reads: a row for each of these items that has a content vector as long as the artifact's. */
export async function contentRows(
  { content: width, tags }: Pick<TowerArtifact, 'content' | 'tags'>,
  { tagsOf }: Pick<ItemColumns, 'tagsOf'>,
  items: ItemRef[],
  readContent: ReadContent,
): Promise<{ items: ItemRef[]; rows: Float32Array }> {
  const looks = width - tags.length;
  const place = new Map(tags.map((tag, n) => [tag, looks + n]));
  const vectors = await readContent(items);
  const known = items.filter((item) => vectors.get(item)?.length === looks);
  const rows = new Float32Array(known.length * width);
  known.forEach((item, n) => {
    rows.set(vectors.get(item)!, n * width);
    for (const tag of place.size > 0 ? tagsOf(item) : []) {
      const at = place.get(tag);
      if (at !== undefined) rows[n * width + at] = 1;
    }
  });
  return { items: known, rows };
}
