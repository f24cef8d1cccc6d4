import type { ItemColumns } from './columns.ts';
import { ITEM_STATUS, type ItemKind, type ItemRef, KIND_CODE, LEVEL } from './types.ts';

/** One item as catch-up reads it, in the order of its select list. */
export type ColumnRow = [
  ref: ItemRef,
  kind: number,
  id: string,
  status: number,
  creator: number,
  level: number,
  flags: number,
  phashHigh: number,
  phashLow: number,
  created: number,
  /** Joined by TAG_SEPARATOR; '' = none. */
  tags: string,
];
export const TAG_SEPARATOR = '\x1f';

export type WritableColumns = ItemColumns & {
  /** Makes room for refs up to `ref`. Arrays may be replaced: read `columns.level` anew after each await. */
  reserve(ref: ItemRef): void;
  /** Takes over one row; synchronous, so no reader ever sees half of it. */
  set(row: ColumnRow): void;
  advance(version: number): void;
};

const NO_TAGS: readonly string[] = Object.freeze([]);

export function createColumns(): WritableColumns {
  const ids: string[] = [''];
  const tags: (readonly string[])[] = [NO_TAGS];
  const refs = { image: new Map<string, ItemRef>(), model: new Map<string, ItemRef>() };
  const interned = new Map<string, string>();
  let room = 1024;

  const intern = (tag: string) => {
    const known = interned.get(tag);
    if (known !== undefined) return known;
    interned.set(tag, tag);
    return tag;
  };

  const columns = {
    size: 1,
    version: 0,
    kind: new Uint8Array(room),
    level: new Uint8Array(room),
    flags: new Uint8Array(room),
    creator: new Int32Array(room),
    created: new Float64Array(room),
    phashHigh: new Uint32Array(room),
    phashLow: new Uint32Array(room),

    idOf: (item: ItemRef) => ids[item] ?? '',
    refOf: (kind: ItemKind, id: string) => refs[kind].get(id),
    tagsOf: (item: ItemRef) => tags[item] ?? NO_TAGS,

    reserve(ref: ItemRef) {
      if (ref < room) return;
      room = Math.max(ref + 1, Math.ceil(room * 1.5));
      columns.kind = grown(columns.kind, new Uint8Array(room));
      columns.level = grown(columns.level, new Uint8Array(room));
      columns.flags = grown(columns.flags, new Uint8Array(room));
      columns.creator = grown(columns.creator, new Int32Array(room));
      columns.created = grown(columns.created, new Float64Array(room));
      columns.phashHigh = grown(columns.phashHigh, new Uint32Array(room));
      columns.phashLow = grown(columns.phashLow, new Uint32Array(room));
    },

    set([ref, kind, id, status, creator, level, flags, phashHigh, phashLow, created, tagText]: ColumnRow) {
      columns.reserve(ref);
      // Refs are dense but for numbers that rolled-back inserts used up: fill them, or `ids` would turn sparse.
      while (ids.length < ref) {
        ids.push('');
        tags.push(NO_TAGS);
      }
      ids[ref] = id;
      tags[ref] = tagText === '' ? NO_TAGS : tagText.split(TAG_SEPARATOR).map(intern);
      refs[kind === KIND_CODE.image ? 'image' : 'model'].set(id, ref);
      columns.kind[ref] = kind;
      columns.level[ref] = status === ITEM_STATUS.live ? level : LEVEL.BLOCKED;
      columns.flags[ref] = flags;
      columns.creator[ref] = creator;
      columns.created[ref] = created;
      columns.phashHigh[ref] = phashHigh;
      columns.phashLow[ref] = phashLow;
      if (ref >= columns.size) columns.size = ref + 1;
    },

    advance(version: number) {
      columns.version = Math.max(columns.version, version);
    },
  };
  return columns;
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
