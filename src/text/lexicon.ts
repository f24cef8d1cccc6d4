import { LRUCache } from 'lru-cache';
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
  // Prompts and tags are comma lists whose parts come again and again. No entry of the list reaches across a
  // comma or a line, so each part can be judged, and remembered, alone.
  const remembered = new LRUCache<string, boolean>({ max: 50_000 });
  const hasHit = (part: string) => {
    if (part.length > 64) return matcher.hasMatch(part);
    const known = remembered.get(part);
    if (known !== undefined) return known;
    const hit = matcher.hasMatch(part);
    remembered.set(part, hit);
    return hit;
  };
  return {
    name: 'lexicon',
    async score(texts) {
      return texts.map((text) => (text.split(/[,\n]/u).some((part) => hasHit(part.trim())) ? HIT : 0));
    },
  };
}
