import type { ItemRef } from '../../src/catalog/types.ts';
import { fileCatalogue } from '../../src/evaluation/file-catalogue.ts';
import type { LogParts } from '../../src/evaluation/index.ts';
import type { Deeds } from '../../src/events/index.ts';
import { EVENT_STRENGTH } from '../../src/events/types.ts';
import type { InteractionLog } from '../../src/models/item-graph/types.ts';

/** A platform that holds nothing but these deeds, in memory: images anybody may see, no vectors, no creators. */
export function plantedPlatform(ids: string[], people: Deeds[]): LogParts {
  return {
    catalog: { columns: fileCatalogue(ids), vectors: async () => new Map() },
    events: {
      deeds: async () => people,
      interactionLog: async (_, before) => logBefore(people, before?.getTime() ?? Number.POSITIVE_INFINITY),
    },
    vectors: {
      backend: 'embedded',
      search: async (_, queries) => queries.map(() => []),
      vectors: async () => new Map(),
    },
    contentSpace: { current: () => 'text' },
  };
}

/** As the log's own query tells it: an item where a person had it last, and none that nobody had. */
function logBefore(people: Deeds[], before: number): InteractionLog {
  const rows = people
    .map(({ deeds }) => {
      const row = new Map<ItemRef, { strength: number; at: number }>();
      for (const { item, type, at } of deeds) {
        if (at >= before || EVENT_STRENGTH[type] <= 0) continue;
        const strength = Math.max(EVENT_STRENGTH[type], row.get(item)?.strength ?? 0);
        row.delete(item);
        row.set(item, { strength, at });
      }
      return row;
    })
    .filter(({ size }) => size > 0);
  const items = Int32Array.from(new Set(rows.flatMap((row) => [...row.keys()]))).sort();
  const columnOf = new Map([...items].map((item, column) => [item, column]));
  const all = rows.flatMap((row) => [...row]);
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, user) => {
    offsets[user + 1] = offsets[user]! + row.size;
  });
  return {
    ...{ items, users: rows.length, offsets, syntheticTime: false },
    columns: Int32Array.from(all, ([item]) => columnOf.get(item)!),
    strengths: Float32Array.from(all, ([, { strength }]) => strength),
    times: Float64Array.from(all, ([, { at }]) => at),
  };
}
