import type { Drawable } from '../../recommend/index.ts';

/** A list whose order was drawn, as shown: its law, and what was clicked. Aligned by position. */
export type LoggedList = {
  person: string;
  list: Drawable;
  /** Items of the first page. */
  served: number;
  clicks: boolean[];
  sources: string[][];
};

/** How the same items would be ordered: with other scores, at another temperature. */
export type Target = {
  /** In units of the scores' deviation; close to 0 is no draw at all. */
  temperature?: number;
  /** Scores of what a source brought are multiplied by this. */
  boost?: Record<string, number>;
};
