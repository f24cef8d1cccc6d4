import type { Log } from '../log.ts';
import { lexiconScorer } from './lexicon.ts';
import { onnxScorer } from './onnx-toxicity.ts';
import { reveal } from './reveal.ts';

/** How unsafe texts are. The catalogue stores the score with the scorer's name. */
export type ToxicityScorer = {
  readonly name: string;
  /**
   * @returns one unsafe probability in [0, 1] a text, in order.
   * @throws HamletError `toxicity-unavailable` (503) when the model cannot be run.
   */
  score(texts: string[]): Promise<number[]>;
};

/**
 * @param folder of a Detoxify-type ONNX text classifier; '' takes the lexicon, labelled as such.
 * @throws HamletError `toxicity-model-invalid` when the folder cannot be such a model.
 */
export async function openToxicity(folder: string, log: Log): Promise<ToxicityScorer> {
  return seeingThrough(folder === '' ? lexiconScorer() : await onnxScorer(folder, log));
}

/** Disguised words are scored as they read, too; the higher score counts. */
export function seeingThrough(scorer: ToxicityScorer): ToxicityScorer {
  return {
    name: scorer.name,
    async score(texts) {
      const seen = texts.map(reveal);
      const disguised = texts.flatMap((text, index) => (seen[index] === text ? [] : [index]));
      const scores = await scorer.score([...texts, ...disguised.map((index) => seen[index]!)]);
      const result = scores.slice(0, texts.length);
      disguised.forEach((index, n) => {
        result[index] = Math.max(result[index]!, scores[texts.length + n]!);
      });
      return result;
    },
  };
}
