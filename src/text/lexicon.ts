import { DataSet, englishDataset, englishRecommendedTransformers, pattern, RegExpMatcher } from 'obscenity';
import type { ToxicityScorer } from './toxicity.ts';

const HIT = 0.95;

/** Words of image generation that a list of swear words has no reason to hold. `|` is a word boundary. */
const FIELD_WORDS = [
  pattern`|nsfw|`,
  pattern`|nude`,
  pattern`|nudity|`,
  pattern`|naked|`,
  pattern`|topless|`,
  pattern`|loli|`,
  pattern`|lolicon|`,
  pattern`|shota|`,
  pattern`|shotacon|`,
];

/**
 * The labelled fallback: obscenity's maintained English word list, which sees through look-alike letters and
 * leet spelling. A hit is a high score, anything else 0. It knows words, not meaning, and English only.
 */
export function lexiconScorer(): ToxicityScorer {
  const dataset = new DataSet<{ originalWord: string }>().addAll(englishDataset);
  for (const word of FIELD_WORDS) dataset.addPhrase((phrase) => phrase.addPattern(word));
  const matcher = new RegExpMatcher({ ...dataset.build(), ...englishRecommendedTransformers });
  return {
    name: 'lexicon',
    async score(texts) {
      return texts.map((text) => (matcher.hasMatch(text) ? HIT : 0));
    },
  };
}
