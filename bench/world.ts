import { ceilingRanks } from '../seed/ceiling.ts';
import { worldSize } from '../seed/sizes.ts';
import { openTruth, truthOf } from '../seed/truth.ts';
import { makeWorld, type World } from '../seed/world.ts';
import { easeBaseline, easeRecentBaseline } from '../src/evaluation/baselines/ease.ts';
import { itemKnnBaseline } from '../src/evaluation/baselines/itemknn.ts';
import { popularityBaseline } from '../src/evaluation/baselines/popularity.ts';
import { bootstrap } from '../src/evaluation/intervals.ts';
import { hitRate, ndcg } from '../src/evaluation/metrics.ts';
import type { OfflineRecommender, Scorer } from '../src/evaluation/types.ts';
import { contentEncoder } from '../src/text/index.ts';
import { writeResults } from './machine.ts';
import { type Question, type TemporalSplit, temporalSplit } from './world-questions.ts';

/**
 * Is the demo world learnable, and hard in the right way? Likes on uniformly exposed pages after the cut,
 * ranked over the whole catalogue by simple recommenders and by the planted truth (the ceiling).
 *   node bench/world.ts
 */
const CUT = 0.75;
const SEED = 1;

export async function main(): Promise<void> {
  const world = makeWorld(worldSize('full', SEED));
  const truth = openTruth(truthOf(world));
  const results: Record<string, unknown> = {};
  for (const kind of ['image', 'model'] as const) {
    const split = temporalSplit(world, truth, kind, CUT);
    const k = kind === 'image' ? 100 : 10;
    const rows: Record<string, Figures> = {};
    rows.chance = figuresOf(split.questions.map(expectedByChance), k);
    for (const [name, recommender] of Object.entries(recommenders(world, kind)))
      rows[name] = figuresOf(await ranksOf(recommender, split), k);
    rows.ceiling = figuresOf(
      [
        ...ceilingRanks(
          truth,
          split.questions.map(({ userId, time, target, candidates }) => ({
            ...{ userId, time, target: split.names[target]! },
            candidates: split.names.filter((_, column) => candidates[column]),
          })),
        ),
      ],
      k,
    );
    print(kind, split.questions.length, k, rows);
    results[`${kind}s`] = { likes: split.questions.length, recommenders: rows };
  }
  await writeResults('world', { cut: CUT, seed: SEED, ...results });
}

type Figures = Record<string, number> & { 'NDCG@10': number };

const recommenders = (world: World, kind: 'image' | 'model'): Record<string, OfflineRecommender> => ({
  popularity: popularityBaseline,
  itemknn: itemKnnBaseline,
  ease: easeBaseline,
  'ease-recent': easeRecentBaseline,
  taste: contentRecommender(world, kind),
});

/** The words of what was liked, the last 50 decayed: knows nothing of other people. */
function contentRecommender(world: World, kind: 'image' | 'model'): OfflineRecommender {
  const encoder = contentEncoder();
  const texts = world.items.filter((item) => item.kind === kind).map((item) => encoder.encode(item));
  return {
    prepare: (): Scorer => ({
      score(history, scores) {
        const query = new Float64Array(encoder.dims);
        history.slice(-50).forEach((column, n, { length }) => {
          const weight = 0.95 ** (length - 1 - n);
          for (let d = 0; d < query.length; d++) query[d]! += weight * texts[column]![d]!;
        });
        texts.forEach((text, column) => {
          let sum = 0;
          for (let d = 0; d < query.length; d++) sum += query[d]! * text[d]!;
          scores[column] = sum;
        });
      },
    }),
  };
}

async function ranksOf(recommender: OfflineRecommender, split: TemporalSplit): Promise<number[]> {
  const scorer = (await recommender.prepare(split, () => {})) as Scorer;
  const scores = new Float64Array(split.names.length);
  return split.questions.map(({ history, user, target, candidates }) => {
    scorer.score(history, scores, { history, user, k: 10, seed: SEED });
    let rank = 0;
    for (let c = 0; c < scores.length; c++) if (candidates[c] && scores[c]! >= scores[target]!) rank++;
    return rank;
  });
}

const expectedByChance = ({ candidates }: Question, n: number): number =>
  1 + ((Math.imul(n + 1, 0x9e3779b1) >>> 0) % candidates.reduce((sum, is) => sum + is, 0));

function figuresOf(ranks: number[], k: number): Figures {
  const perLike = {
    [`Recall@${k}`]: Float64Array.from(ranks, (rank) => hitRate(rank, k)),
    'NDCG@10': Float64Array.from(ranks, (rank) => ndcg(rank, 10)),
  };
  const intervals = bootstrap(perLike, SEED);
  return Object.fromEntries(
    Object.entries(perLike).flatMap(([name, values]) => [
      [name, values.reduce((sum, value) => sum + value, 0) / values.length],
      [`${name} low`, intervals[name]![0]],
      [`${name} high`, intervals[name]![1]],
    ]),
  ) as Figures;
}

function print(kind: string, likes: number, k: number, rows: Record<string, Figures>): void {
  console.log(`\n${kind}s: ${likes} likes on uniformly exposed pages after ${CUT}`);
  for (const [name, figures] of Object.entries(rows)) {
    const cells = [`Recall@${k}`, 'NDCG@10'].map(
      (metric) =>
        `${metric} ${figures[metric]!.toFixed(4)} [${figures[`${metric} low`]!.toFixed(4)}, ${figures[`${metric} high`]!.toFixed(4)}]`,
    );
    const part = figures['NDCG@10'] / rows.ceiling!['NDCG@10'];
    console.log(`${name.padEnd(12)} ${cells.join('  ')}  ${(100 * part).toFixed(0)} % of the ceiling`);
  }
}

if (import.meta.main) await main();
