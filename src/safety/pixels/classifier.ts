import type { Raster, Shape } from '../../images/index.ts';
import type { Scores } from '../types.ts';

/** Looks at pixels. What its scores come to is no concern of it (src/safety/decide.ts). */
export type PixelClassifier = {
  readonly name: string;
  /** Changes with anything that may change a score. */
  readonly version: string;
  /** What a picture must be made into. */
  readonly shape: Shape;
  /**
   * @returns scores by class, one a picture, in order
   * @throws HamletError `classifier-failed` (503), `classifier-missing` (500)
   */
  classify(pictures: Raster[]): Promise<Scores[]>;
  close(): Promise<void>;
};

/** All that are asked, and the one name of them by which evidence is stored. */
export type PixelJudge = {
  readonly id: string;
  readonly classifiers: readonly PixelClassifier[];
  close(): Promise<void>;
};

export const judgeOf = (classifiers: readonly PixelClassifier[]): PixelJudge => ({
  id: classifiers.map(({ name, version }) => `${name}@${version}`).join('+'),
  classifiers,
  async close() {
    await Promise.all(classifiers.map((classifier) => classifier.close()));
  },
});
