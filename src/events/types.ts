import type { ItemKind, ItemRef, UserRef } from '../catalog/types.ts';

export const EVENT_CODE = {
  view: 1,
  click: 2,
  generate: 3,
  download: 4,
  like: 5,
  heart: 6,
  laugh: 7,
  cry: 8,
  dislike: 9,
  hide: 10,
} as const;
export type EventType = keyof typeof EVENT_CODE;

/** How much one event says about taste; negative = away from it. A default until a learned ranker replaces it. */
export const EVENT_STRENGTH: Record<EventType, number> = {
  view: 0.3,
  click: 0.5,
  generate: 1,
  download: 1,
  like: 1,
  heart: 1,
  laugh: 0.7,
  cry: 0.5,
  dislike: -1,
  hide: -1,
};

/** One event as a caller hands it in (schemas/event.ts). */
export type EventInput = {
  eventId: string;
  userId: string;
  itemKind: ItemKind;
  itemId: string;
  type: EventType;
  /** ISO 8601; more than 24 h ahead is rejected. */
  occurredAt: string;
  recommendationId?: string;
  position?: number;
};

export type EventResult = {
  eventId: string;
  status: 'accepted' | 'duplicate' | 'conflict' | 'rejected';
  code?: string;
};

/** The last thing a user did with one item; `strength` is the strongest of what they did with it, by sign of the last. */
export type Interaction = { item: ItemRef; strength: number; at: number };

export type Preferences = {
  /** Creators and tags the user asked not to see. */
  hiddenCreators?: string[];
  hiddenTags?: string[];
  /** Highest browsing level the user wants, never above the key's. */
  maxLevel?: number;
  /** Only models whose licence allows commercial use. */
  commercialUseOnly?: boolean;
  /** The user's events serve their own lists but train nothing and enter no pair set. */
  excludeFromTraining?: boolean;
};

/**
 * What the pipeline knows of a user. Derived from the log, never the truth; `seq` is the number of the
 * last change it contains (an event or a preference change), compared with `users.seq` on every request.
 */
export type UserState = {
  user: UserRef;
  id: string;
  seq: number;
  /** Positive interactions, oldest first, one entry an item, at most 200. */
  recent: Interaction[];
  /** Items the user ever touched, whatever the event. */
  seen: ReadonlySet<ItemRef>;
  /** Items disliked or hidden (a later like takes a dislike back; a hide stays). Newest last. */
  disliked: ItemRef[];
  hidden: ReadonlySet<ItemRef>;
  hiddenCreators: ReadonlySet<UserRef>;
  hiddenTags: ReadonlySet<string>;
  preferences: Preferences;
  /** Of what was PUT with the user: what experiments can be aimed by. */
  attributes: PlainAttributes;
};
/** Texts, numbers and yes or no by name; whatever else attributes hold is not kept in memory. */
export type PlainAttributes = Readonly<Record<string, string | number | boolean>>;

/** What the reducer needs of one event; `at` in milliseconds. */
export type StateEvent = { item: ItemRef; type: EventType; at: number };

/**
 * What a request must at least see: the user's number and last change, and the catalogue clock. `erasures` counts
 * those so far that may have been of this person: a list is logged only while it has not risen.
 */
export type Freshness = { user: UserRef; seq: number; catalogue: number; erasures: number };

/** `synthetic`: occurredAt is a step of a sequence without times, not a time. */
export type ImportedEvent = EventInput & { synthetic?: boolean };
export type IngestCounts = { accepted: number; duplicate: number; conflict: number; rejected: number };

export type UserRecord = {
  id: string;
  /** False: known only because an event or an item named them. */
  stored: boolean;
  attributes: Record<string, unknown>;
  preferences: Preferences;
  /** ISO 8601. */
  createdAt: string;
  counts: { events: number; items: number; lists: number };
};

/** What an erasure deleted; `digest` is the sha256 (hex) of the receipt without it, as canonical JSON. */
export type ErasureReceipt = {
  userId: string;
  /** ISO 8601. */
  erasedAt: string;
  /** False: Hamlet held nothing of this user. */
  found: boolean;
  events: number;
  lists: number;
  pages: number;
  states: number;
  tastes: number;
  /** Items the user made: they stay, without a maker. */
  itemsUnlinked: number;
  digest: string;
};
