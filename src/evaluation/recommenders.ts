import { badInput } from '../errors.ts';
import { easeBaseline, easeRecentBaseline } from './baselines/ease.ts';
import { itemKnnBaseline } from './baselines/itemknn.ts';
import { markovBaseline } from './baselines/markov.ts';
import { popularityBaseline } from './baselines/popularity.ts';
import type { OfflineRecommender } from './types.ts';

/** What needs nothing but the histories, by the name it has in a report. */
const BASELINES: Record<string, OfflineRecommender> = {
  popularity: popularityBaseline,
  markov: markovBaseline,
  itemknn: itemKnnBaseline,
  ease: easeBaseline,
  'ease-recent': easeRecentBaseline,
};
/** Made anew for each run, of the data or of an artifact. */
const MADE = ['pipeline', 'sasrec', 'two-tower'];

/** @throws HamletError `recommender-unknown` (400) */
export function requireNames(given: string[]): string[] {
  const names = [...new Set(given.map((name) => name.trim()).filter((name) => name !== ''))];
  const known = [...Object.keys(BASELINES), ...MADE];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined || names.length === 0)
    throw badInput(
      'recommender-unknown',
      `${unknown === undefined ? 'no recommender named' : `no recommender ${unknown}`}; there are ${known.join(', ')}`,
    );
  return names;
}

/**
 * @param made what this run has beside the baselines; several trained models of one kind are several recommenders
 * @throws HamletError `option-invalid` (400) for a trained model that is named and not given
 */
export function recommendersOf(
  names: string[],
  made: Record<string, OfflineRecommender>,
): [string, OfflineRecommender][] {
  return names.flatMap((name): [string, OfflineRecommender][] => {
    const baseline = BASELINES[name];
    if (baseline !== undefined) return [[name, baseline]];
    const found = Object.entries(made).filter(([key]) => key === name || key.startsWith(`${name}:`));
    if (found.length === 0) throw badInput('option-invalid', `${name} needs the folder of an artifact`);
    return found;
  });
}
