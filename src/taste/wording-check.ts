import { UNSAFE_TEXT } from '../catalog/index.ts';
import type { ToxicityScorer } from '../text/index.ts';

/** Words that an English sentence hardly does without, and that few others have. */
const ENGLISH = /\b(?:the|of|and|with|is|are|this|that|its|your|you|likes?|liked|to|in)\b/iu;
const LATIN = /\p{Script=Latin}/gu;
const LETTER = /\p{L}/gu;
/** Words in a row that are nobody's own any more. */
const COPIED_RUN = 5;

/**
 * What is wrong with a sentence that a model wrote, or null. `copied`: it only says again what somebody else wrote.
 * @param sources texts that it must not repeat
 */
export async function faultOfWording(
  text: string,
  { longest, sources, toxicity }: { longest: number; sources: readonly string[]; toxicity: ToxicityScorer },
): Promise<'empty' | 'too-long' | 'other-language' | 'copied' | 'unsafe' | null> {
  const said = text.trim();
  if (said.length < 3) return 'empty';
  if (said.length > longest) return 'too-long';
  if (!isEnglish(said)) return 'other-language';
  if (sources.some((source) => repeats(said, source))) return 'copied';
  const [unsafe = 1] = await toxicity.score([said]);
  return unsafe > UNSAFE_TEXT ? 'unsafe' : null;
}

function isEnglish(text: string): boolean {
  const letters = text.match(LETTER)?.length ?? 0;
  const latin = text.match(LATIN)?.length ?? 0;
  return letters > 0 && latin / letters > 0.9 && ENGLISH.test(text);
}

function repeats(text: string, source: string): boolean {
  const words = wordsOf(text);
  const theirs = ` ${wordsOf(source).join(' ')} `;
  for (let from = 0; from + COPIED_RUN <= words.length; from++)
    if (theirs.includes(` ${words.slice(from, from + COPIED_RUN).join(' ')} `)) return true;
  return false;
}

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
