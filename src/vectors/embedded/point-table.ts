import type { ItemRef } from '../../catalog/types.ts';
import type { PointPayload } from '../port.ts';
import { grown, Postings } from './postings.ts';

/** Level of a tombstone: the point is gone, its version still keeps older writes out. */
export const GONE = 255;

/** What is written of a table to disk. */
export type TableColumns = {
  size: number;
  ids: Int32Array;
  versions: Float64Array;
  levels: Uint8Array;
  creators: Int32Array;
  tags: number[][];
  tagNames: string[];
};

/**
 * The points of a collection without their vectors: one row a point, kept for as long as the
 * collection lives. Columns answer a filter for one row, postings count and list the rows of a value.
 */
export class PointTable {
  size = 0;
  live = 0;
  ids = new Int32Array(256);
  versions = new Float64Array(256);
  levels = new Uint8Array(256);
  creators = new Int32Array(256);
  tags: number[][] = [];
  readonly tagNames: string[] = [];
  readonly #tagNumbers = new Map<string, number>();
  readonly #rows = new Map<ItemRef, number>();
  readonly byLevel = new Postings((row, level) => this.levels[row] === level);
  readonly byTag = new Postings((row, tag) => this.isLive(row) && this.tags[row]!.includes(tag));
  readonly byCreator = new Map<number, number>();

  static from(columns: TableColumns): PointTable {
    const table = new PointTable();
    for (let row = 0; row < columns.size; row++) {
      const [id, version] = [columns.ids[row]!, columns.versions[row]!];
      const tags = columns.tags[row]!.map((tag) => columns.tagNames[tag]!);
      if (columns.levels[row] === GONE) table.bury(id, version);
      else table.put(id, version, { level: columns.levels[row]!, creator: columns.creators[row]!, tags });
    }
    return table;
  }

  columns(): TableColumns {
    const { size, ids, versions, levels, creators, tags, tagNames } = this;
    return {
      size,
      ids: ids.slice(0, size),
      versions: versions.slice(0, size),
      levels: levels.slice(0, size),
      creators: creators.slice(0, size),
      tags,
      tagNames,
    };
  }

  rowOf(id: ItemRef): number | undefined {
    return this.#rows.get(id);
  }

  tagNumber(name: string): number | undefined {
    return this.#tagNumbers.get(name);
  }

  isLive(row: number): boolean {
    return this.levels[row] !== GONE;
  }

  /** The version gate: is a write of this version newer than what is stored? */
  admits(id: ItemRef, version: number): boolean {
    const row = this.#rows.get(id);
    return row === undefined || version > this.versions[row]!;
  }

  put(id: ItemRef, version: number, payload: PointPayload): number {
    const row = this.#claim(id, version);
    this.levels[row] = payload.level;
    this.creators[row] = payload.creator;
    this.tags[row] = [...new Set(payload.tags)].map((name) => this.#intern(name));
    this.live++;
    this.byLevel.add(payload.level, row);
    for (const tag of this.tags[row]) this.byTag.add(tag, row);
    this.byCreator.set(payload.creator, (this.byCreator.get(payload.creator) ?? 0) + 1);
    return row;
  }

  bury(id: ItemRef, version: number): number {
    return this.#claim(id, version);
  }

  /** The point's row, emptied of what it carried before. */
  #claim(id: ItemRef, version: number): number {
    let row = this.#rows.get(id);
    if (row === undefined) {
      row = this.size++;
      if (row === this.ids.length) this.#grow(row * 2);
      this.#rows.set(id, row);
      this.ids[row] = id;
    } else if (this.isLive(row)) {
      this.live--;
      this.byLevel.drop(this.levels[row]!);
      for (const tag of this.tags[row]!) this.byTag.drop(tag);
      this.byCreator.set(this.creators[row]!, this.byCreator.get(this.creators[row]!)! - 1);
    }
    this.versions[row] = version;
    this.levels[row] = GONE;
    this.tags[row] = [];
    return row;
  }

  #grow(size: number): void {
    this.ids = grown(this.ids, size);
    this.versions = grown(this.versions, size);
    this.levels = grown(this.levels, size);
    this.creators = grown(this.creators, size);
  }

  #intern(name: string): number {
    let number = this.#tagNumbers.get(name);
    if (number === undefined) {
      number = this.tagNames.push(name) - 1;
      this.#tagNumbers.set(name, number);
    }
    return number;
  }
}
