/** Shared words of the catalogue. Rules that use them live beside this file, each in its own. */

export type ItemKind = 'image' | 'model';
export const KIND_CODE: Record<ItemKind, number> = { image: 1, model: 2 };
export const KIND_NAME: Record<number, ItemKind> = { 1: 'image', 2: 'model' };

/**
 * An item's number: the `int` primary key in Postgres, the point id in the vector index and the
 * array index in the api's columns. Dense, from 1; 0 means "none". Never shown to callers.
 */
export type ItemRef = number;
/** A user's number, the same way. 0 = a user nobody has stored yet. */
export type UserRef = number;

/** Where items are compared by content: by their words, or by CLIP. */
export type ContentSpace = 'text' | 'clip';

/** Civitai's browsing levels: one flag an item, ordered from harmless to blocked. */
export const LEVEL = { PG: 1, PG13: 2, R: 4, X: 8, XXX: 16, BLOCKED: 32 } as const;

/** `placeholder`: known only because an event named it; served never, joined when the item comes. */
export const ITEM_STATUS = { placeholder: 0, live: 1, deleted: 2 } as const;

/** Bits of `items.flags` and of the in-memory column of the same name. */
export const ITEM_FLAG = {
  available: 1,
  commercialUse: 2,
  derivatives: 4,
  noCreditNeeded: 8,
  minor: 16,
  poi: 32,
  unsafeText: 64,
  showcase: 128,
} as const;

/** An item as callers and imports hand it in; every text is already free of NUL and lone surrogates. */
export type ItemInput = {
  kind: ItemKind;
  id: string;
  title?: string;
  url?: string;
  creatorId?: string;
  tags?: string[];
  prompt?: string;
  negativePrompt?: string;
  description?: string;
  /** Absent = unknown = held back (unless the import's safety policy says otherwise). */
  browsingLevel?: number;
  minor?: boolean;
  poi?: boolean;
  /** Probability in [0, 1] that the text is unsafe, when the caller measured it; else the toxicity port does. */
  toxicity?: number;
  availability?: 'public' | 'private';
  licence?: { commercialUse?: boolean; derivatives?: boolean; noCredit?: boolean };
  role?: 'showcase' | 'historical';
  /** 64-bit perceptual hash, 16 hex digits. */
  phash?: string;
  /** Content vector in the platform's own CLIP space; finite, not all zero, of CONTENT_DIMS length. */
  vector?: number[];
  /** Id of the encoder that made the vector, where it is one of Hamlet's own; else it is taken as declared. */
  vectorSource?: string;
  /** Model versions an image was made with. */
  modelIds?: string[];
  createdAt?: string;
  /** Whatever else the platform wants back (base model, sampler, reaction counts…); ≤ 16 KiB as JSON. */
  attributes?: Record<string, unknown>;
};

/** What a page needs to show an item, read from Postgres and kept in a small cache. */
export type ItemCard = {
  ref: ItemRef;
  kind: ItemKind;
  id: string;
  title: string;
  url: string;
  tags: string[];
  creatorId: string | null;
};

/** What an item without a level counts as. `classify`: held until classifiers have given it one. */
export type SafetyPolicy =
  | { mode: 'trusted' }
  | { mode: 'level'; level: number }
  | { mode: 'unknown' }
  | { mode: 'classify' };

export type PutResult = {
  ref: ItemRef;
  status: 'created' | 'updated' | 'unchanged' | 'rejected';
  /** Why it was rejected (kebab-case), and the JSON pointer of the field within the item. */
  code?: string;
  pointer?: string;
};

/** An item as stored, with how its safety was judged; what `GET /items/:kind/:id` shows. */
export type ItemRecord = {
  ref: ItemRef;
  kind: ItemKind;
  id: string;
  version: number;
  title: string;
  url: string;
  creatorId: string | null;
  tags: string[];
  prompt: string;
  negativePrompt: string;
  description: string;
  /** Declared flags; null = unknown. */
  browsingLevel: number | null;
  /** Effective level (src/safety): 0 held back, 1…16, 32 never served. */
  effectiveLevel: number;
  safetySource: 'declared' | 'policy' | 'classifier' | 'moderator' | 'unknown';
  /** Codes of what bore on the level. */
  safetyReasons: string[];
  /** What classifiers say of its picture, in force; null = not looked at. */
  safetyEvidence: { judge: string; scores: Record<string, Record<string, number>> } | null;
  toxicity: number | null;
  toxicitySource: string | null;
  /** ITEM_FLAG bits. */
  flags: number;
  /** 16 hex digits, or null. */
  phash: string | null;
  modelIds: string[];
  createdAt: string | null;
  attributes: Record<string, unknown>;
};

export type HeldBackItem = { kind: ItemKind; id: string; reason: string };
