import type { Log } from '../log.ts';
import { lexiconScorer } from './lexicon.ts';
import { onnxScorer } from './onnx-toxicity.ts';

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
  if (folder !== '') return onnxScorer(folder, log);
  return lexiconScorer();
}
