import type { ItemColumns } from '../catalog/columns.ts';
import type { ItemKind, ItemRef } from '../catalog/types.ts';
import type { UserState } from '../events/types.ts';
import type { ItemGraph } from '../models/item-graph/types.ts';
import type { HistoryModel } from '../models/learned/types.ts';
import type { Ranker } from '../models/ranker/types.ts';
import type { ListTrace } from './list-trace.ts';
import type { Random } from './random.ts';
import type { Removals } from './removals.ts';

/** `auto`: what is known now; `wait`: as long as RERANK_DEADLINE_MS allows. */
export type RerankMode = 'off' | 'auto' | 'wait';

/** What one list is asked for, after the wire was checked. */
export type ListRequest = {
  userId: string;
  kind: ItemKind;
  /** Items on the first page. */
  limit: number;
  surface: string;
  /** Highest browsing level, already min(request, key, preference). */
  maxLevel: number;
  exclude: ReadonlySet<ItemRef>;
  tags: string[];
  /** `auto` when it is not said. */
  rerank?: RerankMode;
};

/** Everything a stage may look at. Read-only: stages talk through their results alone. */
export type Context = {
  request: ListRequest;
  user: UserState;
  columns: ItemColumns;
  graph: ItemGraph;
  /** The sequence model and the two towers in force, where there are any. */
  sequence?: HistoryModel;
  towers?: HistoryModel;
  /** The learned ranker in force, where there is one: it scores in place of the blend. */
  ranker?: Ranker;
  now: number;
  random: Random;
  /** Where what is kept out is noted, when somebody looks into the list. */
  removals?: Removals;
};

/** Names of the features that sources and scorers fill; the blend's weights are keyed by them. */
export type Features = Record<string, number>;

export type Candidate = {
  item: ItemRef;
  /** Sources that brought it, in pipeline order. */
  sources: string[];
  features: Features;
  score: number;
  /** The item of the user's own history that brought it, when one did (explanations); else 0. */
  because: ItemRef;
  /** P(this item was drawn into the pool) for sources that draw; 1 for the others. */
  propensity: number;
};

export type Source = {
  name: string;
  /** Milliseconds after which the list goes on without it. */
  deadline: number;
  /** Milliseconds that it is left alone after failures in a row; a second where it does not say. */
  rest?: number;
  find(context: Context): SourceHit[] | Promise<SourceHit[]>;
  /** Whether `find` would answer at once, from memory; absent where that is not known beforehand. */
  atHand?(context: Context): boolean;
};
export type SourceHit = {
  item: ItemRef;
  score: number;
  because?: ItemRef;
  propensity?: number;
  /** Further features the source knows, beside its score under its own name. Handed over: not to be kept. */
  features?: Features;
};

/** Brings into memory what later stages read synchronously; a late or failed one degrades the list. */
export type Hydrator = {
  name: string;
  /** Milliseconds. */
  deadline: number;
  hydrate(candidates: Candidate[], context: Context): void | Promise<void>;
};

/** Returns what it keeps and what it removed; the reason is the filter's name unless it says more. */
export type Filter = {
  name: string;
  apply(
    candidates: Candidate[],
    context: Context,
  ): { kept: Candidate[]; removed: { item: ItemRef; reason: string }[] };
};

/** Adds named features in place. */
export type Scorer = { name: string; score(candidates: Candidate[], context: Context): void };

/** Picks and orders. `propensities[i]` = P(item i at position i | the items above it), or null when there was no draw. */
export type Selector = {
  name: string;
  select(candidates: Candidate[], depth: number, context: Context): Selection;
};
export type Selection = {
  items: Candidate[];
  removed: { item: ItemRef; reason: string }[];
  draw: { seed: number; temperature: number; top: number; propensities: number[] } | null;
};

export type Pipeline = {
  name: string;
  sources: Source[];
  /** Asked only when fewer candidates than `depth` passed the filters; named like the source it widens. */
  fallback?: Source;
  filters: Filter[];
  hydrators?: Hydrator[];
  scorers: Scorer[];
  /** Filters that need the ranking: they see the candidates scored, best first. */
  rankedFilters?: Filter[];
  selector: Selector;
  /** Weights of the blend by feature name, and where two towers are in force; an artifact with a version. */
  blend: { version: string; weights: Features; besideTowers?: Features };
  /** Scores by the blend even where a ranker is in force: a variant named weights. */
  byHand?: boolean;
  /** How many items a stored list holds. */
  depth: number;
  /** Whatever else decides what a list is (models, settings); part of the config digest. */
  versions?: Record<string, string>;
  settings?: Record<string, number | string>;
};

/** Parts of the default pipeline that a variant replaces; what is not said stays. */
export type PipelineOverrides = {
  /** Names to keep. */
  sources?: string[];
  scorers?: string[];
  /** Weights of the blend by feature. */
  weights?: Features;
  /** Artifact versions by kind, e.g. `item-graph-image`. */
  artifacts?: Record<string, string>;
  redundancyCost?: number;
  exploreShare?: number;
  drawShare?: number;
  drawTemperature?: number;
  drawTop?: number;
  depth?: number;
  /** In place of `auto`; a request that says `off` or `wait` itself is obeyed. */
  rerank?: RerankMode;
};

/**
 * What an experiment decides about one list. The same object for the same decision, so that the pipeline
 * it asks for is made once.
 */
export type Assignment = {
  /** As logged with the list: `default`, or KEY@VERSION:VARIANT. */
  variant: string;
  /** One pipeline, or two whose lists are interleaved. */
  pipelines: readonly [PipelineOverrides] | readonly [PipelineOverrides, PipelineOverrides];
};
/** Who is asked about: the id, and what conditions of an experiment may look at. */
export type Assigned = Pick<UserState, 'id' | 'attributes' | 'preferences' | 'seen'>;
export type Assign = (person: Assigned, surface: string, kind: ItemKind) => Promise<Assignment>;

export type StageTrace = {
  stage: string;
  in: number;
  out: number;
  ms: number;
  removed?: Record<string, number>;
};
export type Degraded = { stage: string; code: string };
/** The one object the console, the logs, the A/B harness and replay read. */
export type Trace = {
  pipeline: string;
  configDigest: string;
  versions: Record<string, string>;
  stages: StageTrace[];
  degraded: Degraded[];
  seed: number;
  ms: number;
};

export type RankedList = {
  items: Candidate[];
  draw: Selection['draw'];
  trace: Trace;
  /** Whose pick each position is, in a list interleaved of two. */
  teams?: (0 | 1)[];
  /** What re-ranked its top; absent where it was not to be. */
  rerank?: Reranked;
};

/** As logged with a list: who re-ranked it, by which description of the person's taste. */
export type Reranked = {
  mode: RerankMode;
  /** Null: the base order stands. */
  by: { ranker: 'attributes' | 'vlm'; version: string; taste: string } | null;
};
/** A re-ranking of the top of a list: values to order its items by, blended with the base order; larger is higher. */
export type Opinion = NonNullable<Reranked['by']> & { values: ReadonlyMap<ItemRef, number> };
/** Why an item is where it is. `evidence`: the person's own history. */
export type Reason = { text: string; source: 'attributes' | 'vlm'; evidence: ItemRef[] };

/** What the re-ranker is told: the top in base order, without what is only being explored. */
export type TopOfList = {
  items: readonly Candidate[];
  kind: ItemKind;
  user: UserState;
  /** A CLIP vector that is in memory, and what brings more of them there. */
  vectorOf(item: ItemRef): Float32Array | undefined;
  load(items: ItemRef[]): void | Promise<void>;
};
export type Reranker = {
  /** Items from the top that it looks at. */
  depth: number;
  /** Never rejects: why there is none is said by a code, and by nothing where nothing could be expected. */
  opinion(top: TopOfList, mode: 'auto' | 'wait'): Judged | Promise<Judged>;
  /** Reasons for these items of a list that was re-ranked for this person; checked, null where it has none. */
  reasons(
    top: Omit<TopOfList, 'items'> & { items: readonly ItemRef[] },
    mayName: (item: ItemRef) => boolean,
  ): Map<ItemRef, Reason> | Promise<Map<ItemRef, Reason>>;
};
export type Judged = { opinion: Opinion | null; problem?: string };

/** Why an item is in the list. `evidence`: ids of the user's own history, nothing else. */
export type Explanation = {
  text: string;
  source: 'history' | 'attributes' | 'vlm' | 'popular';
  evidence: string[];
};

/** One place of a page, as it is answered (schemas/recommendation.ts). */
export type PageItem = {
  id: string;
  kind: ItemKind;
  title: string;
  url: string;
  /** In the stored list, from 0. */
  position: number;
  score: number;
  sources: string[];
  explanation: Explanation;
};
export type Page = {
  recommendationId: string;
  items: PageItem[];
  variant: string;
  degraded: Degraded[];
  versions: Record<string, string>;
  nextCursor: string | null;
  trace?: ListTrace;
};
