import { type Catalog, servable } from '../catalog/index.ts';
import type { Stored } from './store.ts';
import type { Taste } from './types.ts';

/** A taste as callers see it. */
export type ToldTaste = {
  userId: string;
  source: Taste['source'] | 'none';
  preferences: { id: string; text: string; likes: string[]; avoids: string[]; evidence: string[] }[];
  describedAt: string | null;
  correctedAt: string | null;
};

const EVIDENCE = 9;

export function toldTaste(
  userId: string,
  { taste, machine, statedAt }: Stored & { taste: Taste | null },
  { columns }: Pick<Catalog, 'columns'>,
  maxLevel: number,
): ToldTaste {
  const names = (entries: { name: string }[]) => entries.map(({ name }) => name);
  return {
    userId,
    source: taste?.source ?? 'none',
    preferences: (taste?.preferences ?? []).map(({ id, text, likes, avoids, items }) => ({
      ...{ id, text, likes: names(likes), avoids: names(avoids) },
      evidence: items
        .filter((item) => servable(columns.level[item] ?? 0, maxLevel))
        .slice(0, EVIDENCE)
        .map((item) => columns.idOf(item)),
    })),
    describedAt: machine?.madeAt ?? null,
    correctedAt: statedAt,
  };
}
