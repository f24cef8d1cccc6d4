import type { ItemColumns } from '../catalog/columns.ts';
import { ITEM_FLAG, KIND_CODE, LEVEL } from '../catalog/types.ts';

/**
 * The catalogue of a sequence file, as an import with `--safety trusted` would leave it: images that anyone
 * may see, without creators, tags or dates. Item of column c has ref c + 1.
 */
export function fileCatalogue(ids: string[]): ItemColumns {
  const size = ids.length + 1;
  const refs = new Map(ids.map((id, column) => [id, column + 1]));
  const all = (value: number) => new Uint8Array(size).fill(value, 1);
  return {
    size,
    version: 1,
    kind: all(KIND_CODE.image),
    level: all(LEVEL.PG),
    flags: all(ITEM_FLAG.available),
    creator: new Int32Array(size),
    created: new Float64Array(size),
    phashHigh: new Uint32Array(size),
    phashLow: new Uint32Array(size),
    idOf: (item) => ids[item - 1] ?? '',
    refOf: (kind, id) => (kind === 'image' ? refs.get(id) : undefined),
    tagsOf: () => [],
  };
}
