import { BLEND } from './blend.ts';
import type { ContentVectors } from './content.ts';
import { LIST_RULES } from './filters/index.ts';
import { nearDuplicate } from './filters/near-duplicate.ts';
import { ruleFilter } from './filters/rule.ts';
import type { ContentNeighbours } from './neighbours.ts';
import { creatorAffinity } from './scorers/creator.ts';
import { freshnessScorer } from './scorers/fresh.ts';
import { interestScorer } from './scorers/interest.ts';
import { popularityScorer } from './scorers/popularity.ts';
import { diverseSelector } from './selectors/diverse.ts';
import { exploreSlots } from './selectors/slots.ts';
import { newSource } from './sources/new.ts';
import { sequenceScorer, sequenceSource } from './sources/sequence.ts';
import { similarSource } from './sources/similar.ts';
import { tasteSource } from './sources/taste.ts';
import { trendingSource } from './sources/trending.ts';
import { towerScorer, twoTowerSource } from './sources/two-tower.ts';
import { weightsSource } from './sources/weights.ts';
import type { Hydrator, Pipeline } from './types.ts';

/** The settings of config.ts that shape a list, under the same names. */
export type PipelineSettings = {
  LIST_DEPTH: number;
  DRAW_SHARE: number;
  DRAW_TEMPERATURE: number;
  DRAW_TOP: number;
  EXPLORE_SHARE: number;
};

/** Items a source brings at most; together twice a list of 100 and more. */
const POOL = { similar: 160, learned: 160, trending: 30, trendingCold: 200, taste: 50, weights: 50 };
/** Milliseconds a source may take. */
const DEADLINE = { memory: 20, index: 40, model: 40 };
/** What full likeness to everything just above costs, in units of the mean of the best scores. */
export const REDUNDANCY_COST = 0.7;

/**
 * The pipeline as served, its stages in one place. Offline evaluation runs this same object.
 *
 * @param parts.content content vectors; the list is not diversified by content where there are none
 * @param parts.neighbours nearest items by content; without them there is no `taste`
 */
export function defaultPipeline(parts: {
  settings: PipelineSettings;
  content: ContentVectors;
  neighbours?: ContentNeighbours;
  /** Where LoRAs lie in the space of their weights; without it there is no `weights`. */
  places?: { content: ContentVectors; neighbours: ContentNeighbours };
  versions?: Record<string, string>;
  redundancyCost?: number;
  blend?: Pipeline['blend'];
  /** Milliseconds to wait for learned models, where nobody waits for the list. */
  patience?: number;
}): Pipeline {
  const { settings, content, neighbours, places, redundancyCost = REDUNDANCY_COST, blend = BLEND } = parts;
  const taste = neighbours && {
    ...{ deadline: DEADLINE.index, pool: POOL.taste },
    ...{ content, neighbours },
  };
  const learned = { deadline: parts.patience ?? DEADLINE.model, pool: POOL.learned };
  const trending = { deadline: DEADLINE.memory, pool: POOL.trending, coldPool: POOL.trendingCold };
  return {
    name: 'default',
    sources: [
      sequenceSource(learned),
      twoTowerSource(learned),
      similarSource({ deadline: DEADLINE.memory, pool: POOL.similar, weights: blend.weights }),
      ...(taste ? [tasteSource(taste)] : []),
      ...(places ? [weightsSource({ deadline: DEADLINE.index, pool: POOL.weights, ...places })] : []),
      trendingSource(trending),
      newSource({
        deadline: DEADLINE.memory,
        count: exploreSlots(settings.LIST_DEPTH, settings.EXPLORE_SHARE).size,
        depth: settings.LIST_DEPTH,
      }),
    ],
    fallback: trendingSource({ ...trending, everywhere: true }),
    filters: LIST_RULES.map(ruleFilter),
    hydrators: [contentHydrator(content)],
    scorers: [
      ...[sequenceScorer, towerScorer, creatorAffinity],
      ...[popularityScorer, freshnessScorer, interestScorer(content)],
    ],
    rankedFilters: [nearDuplicate],
    selector: diverseSelector({
      content,
      redundancyCost,
      exploreShare: settings.EXPLORE_SHARE,
      drawShare: settings.DRAW_SHARE,
      drawTemperature: settings.DRAW_TEMPERATURE,
      drawTop: settings.DRAW_TOP,
    }),
    blend,
    depth: settings.LIST_DEPTH,
    settings: { ...only(settings), REDUNDANCY_COST: redundancyCost },
    versions: parts.versions,
  };
}

/** Content vectors of the candidates, for the selector. */
const contentHydrator = (content: ContentVectors): Hydrator => ({
  name: 'content',
  deadline: DEADLINE.index,
  hydrate: (candidates) => content.load(candidates.map(({ item }) => item)),
});

const only = (settings: PipelineSettings): PipelineSettings => ({
  LIST_DEPTH: settings.LIST_DEPTH,
  DRAW_SHARE: settings.DRAW_SHARE,
  DRAW_TEMPERATURE: settings.DRAW_TEMPERATURE,
  DRAW_TOP: settings.DRAW_TOP,
  EXPLORE_SHARE: settings.EXPLORE_SHARE,
});
