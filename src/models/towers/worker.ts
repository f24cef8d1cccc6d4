import { workerData } from 'node:worker_threads';
import { bestOf } from '../learned/best.ts';
import type { HistoryAnswer, HistoryQuestion } from '../learned/types.ts';
import type { TowerArtifact } from './artifact.ts';
import { grown, itemsOf, openTowers } from './towers.ts';

/** Rows of content: items that come behind those of the artifact, in this order. */
export type TowerQuestion = HistoryQuestion | { content: Float32Array; named: boolean };

/** One model in a thread of its own: see `model.ts` for the other side. */
const artifact = workerData as TowerArtifact;
const towers = await openTowers(artifact);
/** All items: the artifact's, and behind them those it was told of since. */
let items = itemsOf(artifact);

/** Answers a history with the best items, and content with the vectors of its items where they may be named. */
export default async function answer(question: TowerQuestion): Promise<HistoryAnswer | Float32Array | null> {
  if ('content' in question) return takeUp(question.content, question.named);
  // Towers of content before there is any item.
  if (items.vectors.length === 0)
    return { user: new Float32Array(artifact.dims), columns: new Int32Array(0), logits: new Float32Array(0) };
  const known = items;
  const best = bestOf(await towers.user(question.history, known), known.vectors, question.count);
  return { ...best, columns: best.columns.map((row) => known.columns[row]!) };
}

async function takeUp(content: Float32Array, named: boolean): Promise<Float32Array | null> {
  const said = await towers.byContent(content);
  items = grown(items, said, named);
  return named ? said.items : null;
}
