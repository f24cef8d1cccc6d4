import type { Picture } from '../seed/images.ts';
import type { ModelCard } from '../seed/models.ts';
import type { ItemName, Truth } from '../seed/truth.ts';
import { partOfYear, sessionOf, type World } from '../seed/world.ts';
import type { EventInput, EventType } from '../src/events/types.ts';
import type { InteractionLog } from '../src/models/item-graph/types.ts';

/** One held-out like: what its user had liked when the page was made, and what could have stood on it. */
export type Question = {
  userId: string;
  user: number;
  time: number;
  /** The page it stood on, and when that began (milliseconds): nothing later is known. */
  page: number;
  begins: number;
  target: number;
  /** Columns (places in `names`), oldest first. */
  history: Int32Array;
  /** Column → whether it was there, rated for everybody, not the user's own, not touched before this page. */
  candidates: Uint8Array;
};
export type TemporalSplit = { names: ItemName[]; training: InteractionLog; questions: Question[] };

const POSITIVE: ReadonlySet<EventType> = new Set(['like', 'heart', 'laugh', 'cry', 'download', 'generate']);
const REACTIONS: ReadonlySet<EventType> = new Set(['like', 'heart', 'laugh', 'cry']);
type Like = { column: number; time: number };

/** What is known of one user: everything up to the page that is being looked through, and that page apart. */
type Known = {
  liked: Like[];
  touched: Set<number>;
  page: number | null;
  begins: number;
  pending: [Like, positive: boolean][];
};

/**
 * Trains on what came before `cut` (part of the year) and asks about each like after it on a page that was drawn
 * uniformly: what is liked there was not chosen by anybody's habit. What happens on a page is known only after
 * it: an answer that could see its own page's views would find the target among what they leave out.
 */
export function temporalSplit(
  world: World,
  truth: Truth,
  kind: 'image' | 'model',
  cut: number,
): TemporalSplit {
  const things: readonly (Picture | ModelCard)[] = kind === 'image' ? world.pictures : world.cards;
  const names = things.map(({ id }) => ({ kind, id }));
  const columnOf = new Map(names.map(({ id }, column) => [id, column]));
  const userOf = new Map(world.people.map(({ id }, user) => [id, user]));
  const own = world.people.map((person) => things.map(({ creator }) => creator === person));
  const known = world.people.map(
    (): Known => ({ liked: [], touched: new Set(), page: null, begins: 0, pending: [] }),
  );
  const questions: Question[] = [];
  let training: InteractionLog | null = null;

  const isHeldOut = ({ eventId, type }: EventInput, column: number, { touched }: Known) =>
    REACTIONS.has(type) &&
    truth.exposureOf(eventId) === 'uniform' &&
    things[column]!.level === 1 &&
    !touched.has(column);

  for (const event of world.events) {
    if (event.itemKind !== kind) continue;
    const time = Date.parse(event.occurredAt);
    const at = partOfYear(time);
    const user = userOf.get(event.userId)!;
    const state = known[user]!;
    const column = columnOf.get(event.itemId)!;
    if (at >= cut)
      training ??= logOf(
        known.map(({ liked }) => liked),
        names.length,
      );
    const page = sessionOf(event.eventId);
    if (page === null || page !== state.page) turnPage(state, page, time);
    if (at >= cut && state.liked.length > 0 && isHeldOut(event, column, state))
      questions.push({
        ...{ userId: event.userId, user, time, page: page!, begins: state.begins, target: column },
        history: Int32Array.from(state.liked, (like) => like.column),
        candidates: Uint8Array.from(things, ({ level, at: made }, c) =>
          level === 1 && made < at && !own[user]![c] && !state.touched.has(c) ? 1 : 0,
        ),
      });
    state.pending.push([{ column, time }, POSITIVE.has(event.type)]);
  }
  return { names, training: training!, questions };
}

function turnPage(state: Known, page: number | null, begins: number): void {
  for (const [like, isPositive] of state.pending) {
    if (isPositive && !state.liked.some(({ column }) => column === like.column)) state.liked.push(like);
    state.touched.add(like.column);
  }
  state.pending = [];
  state.page = page;
  state.begins = begins;
}

function logOf(rows: Like[][], items: number): InteractionLog {
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
