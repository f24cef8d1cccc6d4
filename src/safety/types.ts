import type { SafetyPolicy } from '../catalog/types.ts';

/** Probabilities by class, as one classifier answers for one picture (of several frames: the highest of each). */
export type Scores = Record<string, number>;

/** All that is known of an item that bears on who may see it. */
export type SafetyFacts = {
  /** Declared browsing-level flags; null or 0 = unknown. */
  level: number | null;
  /** ITEM_STATUS. */
  status: number;
  minor: boolean;
  poi: boolean;
  isPrivate: boolean;
  /** Unsafe probability of the item's text, 0 for an item without text; null = not measured. */
  toxicity: number | null;
  policy: SafetyPolicy;
  /** TEXT_MARK bits of the item's words. */
  marks?: number;
  /** What each classifier says of the picture; absent or null = not looked at, or could not be. */
  pixels?: Record<string, Scores> | null;
  /** The level a moderator decided on. */
  moderated?: number | null;
  /** Enough people have reported it since a moderator looked. */
  reported?: boolean;
};

export const SAFETY_SOURCES = ['declared', 'policy', 'classifier', 'moderator', 'unknown'] as const;
export type SafetySource = (typeof SAFETY_SOURCES)[number];

export type Decision = {
  /** 1, 2, 4, 8, 16 servable up to that level unless held; 32 never served; 0 where nothing is known. */
  level: number;
  /** Shown to nobody until somebody or something knows more. */
  held: boolean;
  /** Codes, in the order in which they bore on it. */
  reasons: string[];
  /** Where the level came from. */
  source: SafetySource;
};
