import type { ItemRef } from '../../catalog/types.ts';
import type { CollectionSpec, Point, VectorHit, VectorQuery } from '../port.ts';
import { unitVector } from '../vector-check.ts';
import { PointTable } from './point-table.ts';
import { rowFilter } from './row-filter.ts';
import { VectorSpace } from './space.ts';

/** One collection in memory: its points and one index a space. Writes and saves take turns. */
export class Collection {
  readonly name: string;
  readonly spec: CollectionSpec;
  readonly table: PointTable;
  readonly spaces: Map<string, VectorSpace>;
  /** Whether memory holds what the disk does not. */
  changed = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    name: string,
    spec: CollectionSpec,
    table: PointTable = new PointTable(),
    spaces?: Map<string, VectorSpace>,
  ) {
    this.name = name;
    this.spec = spec;
    this.table = table;
    this.spaces =
      spaces ?? new Map(Object.entries(spec.spaces).map(([space, dims]) => [space, new VectorSpace(dims)]));
  }

  /** Runs `work` when every earlier write or save is done. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  upsert(points: Point[]): Promise<void> {
    const checked = points.map((point) => ({ point, vectors: this.#checked(point.vectors) }));
    return this.inTurn(async () => {
      const written = new Map(
        [...this.spaces.keys()].map((space) => [space, new Map<number, Float32Array>()]),
      );
      for (const { point, vectors } of checked) {
        if (!this.table.admits(point.id, point.version)) continue;
        const row = this.table.put(point.id, point.version, point.payload);
        this.changed = true;
        for (const [name, space] of this.spaces) {
          const vector = vectors.get(name);
          if (vector) written.get(name)!.set(row, vector);
          else {
            written.get(name)!.delete(row);
            space.drop(row);
          }
        }
      }
      for (const [name, space] of this.spaces) await space.put(written.get(name)!);
    });
  }

  remove(points: { id: ItemRef; version: number }[]): Promise<void> {
    return this.inTurn(async () => {
      for (const { id, version } of points) {
        if (!this.table.admits(id, version)) continue;
        const row = this.table.bury(id, version);
        this.changed = true;
        for (const space of this.spaces.values()) space.drop(row);
      }
    });
  }

  search(query: VectorQuery): VectorHit[] {
    const space = this.spaces.get(query.space);
    if (!space || query.limit <= 0) return [];
    const vector = unitVector(query.vector, space.matrix.dims);
    return space.search(this.table, vector, query.limit, rowFilter(this.table, query.filter));
  }

  vectors(name: string, ids: ItemRef[]): Map<ItemRef, Float32Array> {
    const space = this.spaces.get(name);
    const found = new Map<ItemRef, Float32Array>();
    for (const id of ids) {
      const row = this.table.rowOf(id);
      if (row !== undefined && space?.holds(row)) found.set(id, space.matrix.get(row));
    }
    return found;
  }

  scroll(after: ItemRef, limit: number): { id: ItemRef; version: number }[] {
    const { table } = this;
    const rows: number[] = [];
    for (let row = 0; row < table.size; row++)
      if (table.isLive(row) && table.ids[row]! > after) rows.push(row);
    rows.sort((a, b) => table.ids[a]! - table.ids[b]!);
    return rows.slice(0, limit).map((row) => ({ id: table.ids[row]!, version: table.versions[row]! }));
  }

  #checked(vectors: Record<string, Float32Array>): Map<string, Float32Array> {
    const known = Object.entries(vectors).filter(([name]) => this.spaces.has(name));
    return new Map(known.map(([name, vector]) => [name, unitVector(vector, this.spec.spaces[name]!)]));
  }
}
