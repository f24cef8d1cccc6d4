import type { Catalog } from '../catalog/index.ts';
import { type ItemKind, KIND_CODE } from '../catalog/types.ts';
import type { Events } from '../events/index.ts';
import type { Manifest } from '../models/index.ts';

/** The newest part of all events is what a challenger is judged by, unless the champion has learned of it. */
const SHARE = 0.9;

type Past = { catalog: Pick<Catalog, 'columns'>; events: Pick<Events, 'deeds'> };

/**
 * Milliseconds. Where the champion has learned from later events than that, all of what came since is left to judge
 * by: it would otherwise be asked what it has seen.
 */
export const momentToJudgeFrom = async (past: Past, kind: ItemKind, champion: Manifest): Promise<number> =>
  Math.max(await momentOf(past, kind, SHARE), seenUntil(champion));

/** Milliseconds: so large a part of what was done with items of a kind lies before it. */
export async function momentOf({ catalog, events }: Past, kind: ItemKind, share: number): Promise<number> {
  const { columns } = catalog;
  const times = (await events.deeds())
    .flatMap(({ deeds }) => deeds.filter(({ item }) => columns.kind[item] === KIND_CODE[kind]))
    .map(({ at }) => at)
    .sort((a, b) => a - b);
  return times[Math.floor(times.length * share)] ?? 0;
}

/** Milliseconds: nothing later was learned from. Who does not say has learned all there was when it was made. */
export const seenUntil = ({ parameters, created }: Manifest): number =>
  Number(parameters.until ?? Date.parse(created));
