/** A learned ranker in force: features in, chances out. */
export type Ranker = {
  readonly version: string;
  /** Names, in the order of the columns it reads. */
  readonly features: readonly string[];
  /**
   * @param values `count` rows of features, each in [0, 1]
   * @returns how likely each would be acted on if it were looked at, in (0, 1)
   */
  score(values: Float32Array, count: number): Promise<Float32Array>;
  close(): Promise<void>;
};
