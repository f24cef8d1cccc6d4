import type { ItemName, Truth } from '../seed/truth.ts';
import { partOfYear, type World } from '../seed/world.ts';
import type { EventType } from '../src/events/types.ts';
import type { InteractionLog } from '../src/models/item-graph/types.ts';

/** One held-out like: what its user had liked until then, and what could have been shown instead. */
export type Question = {
  userId: string;
  user: number;
  time: number;
  target: number;
  /** Columns (places in `names`), oldest first. */
  history: Int32Array;
  /** Column → whether it was there, rated for everybody, not the user's own, not touched before. */
  candidates: Uint8Array;
};
export type TemporalSplit = { names: ItemName[]; training: InteractionLog; questions: Question[] };

const POSITIVE: ReadonlySet<EventType> = new Set(['like', 'heart', 'laugh', 'cry', 'download', 'generate']);

/**
 * Trains on what came before `cut` (part of the year) and asks about each first like after it on a page whose
 * pictures were drawn uniformly: what is liked there was not chosen by anybody's habit.
 */
export function temporalSplit(
  world: World,
  truth: Truth,
  kind: 'image' | 'model',
  cut: number,
): TemporalSplit {
  const things = kind === 'image' ? world.pictures : world.cards;
  const names = things.map(({ id }) => ({ kind, id }));
  const columnOf = new Map(names.map(({ id }, column) => [id, column]));
  const userOf = new Map(world.people.map(({ id }, user) => [id, user]));
  const own = world.people.map((person) => things.map(({ creator }) => creator === person));
  const made = things.map(({ at }) => at);
  const servable = things.map(({ level }) => level === 1);

  const liked: { column: number; time: number }[][] = world.people.map(() => []);
  const touched = world.people.map(() => new Set<number>());
  const questions: Question[] = [];
  let cutRows: InteractionLog | null = null;
  for (const { eventId, userId, itemKind, itemId, type, occurredAt } of world.events) {
    if (itemKind !== kind) continue;
    const time = Date.parse(occurredAt);
    const at = partOfYear(time);
    if (at >= cut) cutRows ??= logOf(liked, names.length);
    const user = userOf.get(userId)!;
    const column = columnOf.get(itemId)!;
    const isNew = !liked[user]!.some((like) => like.column === column);
    if (POSITIVE.has(type) && isNew) {
      const first = at >= cut && servable[column] && truth.exposureOf(eventId) === 'uniform';
      if (first && liked[user]!.length > 0 && type !== 'generate' && type !== 'download')
        questions.push({
          ...{ userId, user, time, target: column },
          history: Int32Array.from(liked[user]!, (like) => like.column),
          candidates: Uint8Array.from(names, (_, c) =>
            c === column || (servable[c] && made[c]! < at && !own[user]![c] && !touched[user]!.has(c))
              ? 1
              : 0,
          ),
        });
      liked[user]!.push({ column, time });
    }
    touched[user]!.add(column);
  }
  return { names, training: cutRows!, questions };
}

function logOf(rows: { column: number; time: number }[][], items: number): InteractionLog {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, user) => {
    offsets[user + 1] = offsets[user]! + row.length;
  });
  const all = rows.flat();
  return {
    items: Int32Array.from({ length: items }, (_, column) => column + 1),
    users: rows.length,
    offsets,
    columns: Int32Array.from(all, ({ column }) => column),
    strengths: new Float32Array(all.length).fill(1),
    times: Float64Array.from(all, ({ time }) => time),
    syntheticTime: false,
  };
}
