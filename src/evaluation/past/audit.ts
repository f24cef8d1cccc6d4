import type { ItemKind } from '../../catalog/types.ts';
import { seededRandom, shuffled } from '../../recommend/index.ts';
import { lookedAhead } from '../errors.ts';
import { type LogSplit, splitAt, stateBefore } from '../own-log.ts';
import type { Asked } from '../splits.ts';
import type { ListMaker, OfflineRecommender } from '../types.ts';
import { endingAt, type LogParts } from './parts.ts';

/** Questions of each split that are asked twice. */
const AUDITED = 5;

/**
 * Asks some questions again over a platform that ends when they are asked. A list that changes was made of what came
 * later: a state, a graph, an item or a source of its own that looked ahead.
 *
 * @param recommenderOver the same recommender over other parts; anew each time, so that nothing is remembered
 * @returns how many questions were asked twice
 * @throws HamletError `look-ahead` (422)
 */
export async function auditLookAhead(
  parts: LogParts,
  split: LogSplit,
  recommenderOver: (parts: LogParts) => Promise<OfflineRecommender>,
  asked: { kind: ItemKind; k: number; seed: number },
): Promise<number> {
  const chosen = shuffled(split.questions, seededRandom(asked.seed)).slice(0, AUDITED);
  for (const question of chosen) {
    const ended = await endingAt(parts, question.at!);
    const then = { ...question, state: await stateBefore(ended, question.state!, question.at!) };
    const past = await splitAt(ended, asked.kind, split.at, split.training.items);
    const whole = await answer(await recommenderOver(parts), split, question, asked);
    const cut = await answer(await recommenderOver(ended), past, then, asked);
    if (whole.join() !== cut.join())
      throw lookedAhead(
        `The list of ${question.state!.id} as of ${new Date(question.at!).toISOString()} is another one when nothing after it is there to be read.`,
      );
  }
  return chosen.length;
}

async function answer(
  recommender: OfflineRecommender,
  split: Pick<LogSplit, 'training' | 'log'>,
  { targets: _, ...question }: Asked,
  { k, seed }: { k: number; seed: number },
): Promise<Int32Array> {
  const prepared = (await recommender.prepare(split, () => {})) as ListMaker;
  const list = await prepared.list({ ...question, k, seed });
  await prepared.close?.();
  return list;
}
