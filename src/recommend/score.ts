import type { Ranker } from '../models/ranker/types.ts';
import { blendScores, weightsOf } from './blend.ts';
import { FEATURES, featureOf, writeFeatures } from './features.ts';
import { runStage } from './stage.ts';
import type { Candidate, Context, Degraded, Pipeline } from './types.ts';

/** It takes a tenth of a millisecond: what is late by so much has failed. Its health is kept by this object. */
const STAGE = { name: 'ranker', deadline: 100 };

/**
 * Each candidate's score: by the learned ranker in force, else by the blend. A ranker that fails costs the list its
 * learned order and nothing else.
 * @returns why it failed, if it did
 */
export async function scoreCandidates(
  candidates: Candidate[],
  pipeline: Pipeline,
  { ranker, towers }: Pick<Context, 'ranker' | 'towers'>,
): Promise<Degraded | undefined> {
  if (ranker === undefined || pipeline.byHand || candidates.length === 0) {
    blendScores(candidates, weightsOf(pipeline, towers));
    return undefined;
  }
  const outcome = await runStage(STAGE, () => ranker.score(rowsOf(candidates, ranker), candidates.length));
  if ('failed' in outcome) {
    blendScores(candidates, weightsOf(pipeline, towers));
    return outcome.failed;
  }
  for (let n = 0; n < candidates.length; n++) candidates[n]!.score = outcome.value[n]!;
  return undefined;
}

/** By way of the bytes that are logged: it is to be asked about what it was trained on. */
function rowsOf(candidates: Candidate[], { features }: Ranker): Float32Array {
  const columns = features.map((name) => FEATURES.indexOf(name as (typeof FEATURES)[number]));
  const rows = new Float32Array(candidates.length * columns.length);
  const bytes = new Uint8Array(FEATURES.length);
  for (let n = 0, at = 0; n < candidates.length; n++) {
    writeFeatures(candidates[n]!.features, bytes, 0);
    for (let c = 0; c < columns.length; c++) rows[at++] = featureOf(bytes[columns[c]!]!);
  }
  return rows;
}
