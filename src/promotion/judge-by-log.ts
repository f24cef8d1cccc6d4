import { join } from 'node:path';
import type { ItemKind } from '../catalog/types.ts';
import {
  contentOf,
  judge,
  type LogParts,
  logSplit,
  type OfflineRecommender,
  pairedDifference,
  perUser,
  popularityBaseline,
  readTrained,
  trainedRecommender,
} from '../evaluation/index.ts';
import type { Artifact } from '../models/index.ts';
import { seenUntil } from './moment.ts';
import { FEWEST_PEOPLE, type Judged } from './verdict.ts';

const K = 10;
const METRIC = `NDCG@${K}`;
const SEED = 1;

/**
 * Both asked about what people approved of after a moment that neither has learned from, over the whole catalogue and
 * with what they had met left out. Where nothing is in force, popularity is what serves without it.
 *
 * @param champion what is in force
 */
export async function judgeByLog(
  parts: { home: string } & Parameters<typeof logSplit>[0] & Pick<LogParts, 'catalog' | 'readPictures'>,
  kind: ItemKind,
  challenger: Artifact,
  champion: Artifact | null,
): Promise<Judged> {
  const against = champion?.version ?? 'popularity';
  const at = Math.max(
    ...[challenger, champion].map((model) => (model === null ? 0 : seenUntil(model.manifest))),
  );
  const since = new Date(at).toISOString();
  const split = await logSplit(parts, kind, { at }).catch((error) => {
    if (error.code !== 'log-empty') throw error;
    return null;
  });
  const people = split?.questions.length ?? 0;
  if (split === null || people < FEWEST_PEOPLE)
    return { against, lacking: `${people} people liked something new since ${since}: too few to judge by` };
  const opened = async ({ kind: family, version }: Artifact): Promise<OfflineRecommender> => {
    const folder = join(parts.home, 'artifacts', `${family}-${version}`);
    return trainedRecommender(await readTrained(folder), split.ids, contentOf(parts));
  };
  const asked = { k: K, seed: SEED };
  const mine = await judge(await opened(challenger), split, asked);
  const theirs = await judge(champion === null ? popularityBaseline : await opened(champion), split, asked);
  const [a, b] = [mine, theirs].map((judged) => perUser(judged, [split])[METRIC]!) as [
    Float64Array,
    Float64Array,
  ];
  const { mean, ci95 } = pairedDifference(a, b, SEED);
  return {
    against,
    comparison: {
      metric: METRIC,
      challenger: average(a),
      champion: average(b),
      difference: mean,
      ci95,
      people,
    },
  };
}

const average = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
