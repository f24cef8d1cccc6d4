export { contentEncoder, type TextEncoder64, type TextFields } from './encoder.ts';
export { parseInstant } from './instant.ts';
export { lexiconScorer } from './lexicon.ts';
export { openMarks, TEXT_MARK } from './marks.ts';
export { type ParsedPrompt, parsePrompt, plainText } from './prompt.ts';
export { reveal } from './reveal.ts';
export { isCleanJson, isCleanText } from './sanitize.ts';
export { openToxicity, type ToxicityScorer } from './toxicity.ts';
