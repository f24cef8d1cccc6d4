import { LRUCache } from 'lru-cache';
import { DataSet, englishDataset, englishRecommendedTransformers, pattern, RegExpMatcher } from 'obscenity';
import type { ToxicityScorer } from './toxicity.ts';

const HIT = 0.95;
/** Characters of the longest part worth remembering. */
const MAX_REMEMBERED = 64;

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
  const words = { ...dataset.build(), ...englishRecommendedTransformers };
  const matcher = new RegExpMatcher(words);
  // Harmless words that hold a bad one ("grapes") need looking for only where something was found.
  const suspects = new RegExpMatcher({ ...words, whitelistedTerms: [], whitelistMatcherTransformers: [] });
  const isUnsafe = (text: string) => suspects.hasMatch(text) && matcher.hasMatch(text);

  // Prompts and tags are comma lists whose parts come again and again. No entry of the list reaches across a
  // comma or a line, so parts found harmless before are left out.
  const harmless = new LRUCache<string, true>({ max: 50_000 });
  const score = (text: string) => {
    const parts = text.split(/[,\n]/u).map((part) => part.trim());
    const unknown = parts.filter((part) => !harmless.has(part));
    if (unknown.length === 0) return 0;
    if (isUnsafe(unknown.join(', '))) return HIT;
    for (const part of unknown) if (part.length <= MAX_REMEMBERED) harmless.set(part, true);
    return 0;
  };
  return {
    name: 'lexicon',
    async score(texts) {
      return texts.map(score);
    },
  };
}
