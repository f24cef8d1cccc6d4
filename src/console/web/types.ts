import type { Static } from 'typebox';
import type * as Admin from '../../../schemas/admin.ts';
import type * as Experiments from '../../../schemas/experiment.ts';
import type * as Moderation from '../../../schemas/moderation.ts';
import type * as Recommendation from '../../../schemas/recommendation.ts';
import type { Taste as TasteSchema } from '../../../schemas/taste.ts';
import type * as Trainings from '../../../schemas/training.ts';
import type * as People from '../../../schemas/user.ts';
import type * as Spaces from '../../../schemas/w2w.ts';
import type * as Edits from '../../../schemas/w2w-edits.ts';

/** What the console knows of the wire, from the schemas that the routes check and answer by. */
export type PageItem = Static<typeof Recommendation.PageItem>;
export type Page = Omit<Static<typeof Recommendation.Page>, 'trace'> & { trace?: ListTrace };
export type ItemList = Static<typeof Recommendation.ItemList>;
export type Taste = Static<typeof TasteSchema>;
export type Preference = Taste['preferences'][number];
export type User = Static<typeof People.User>;
export type UserList = Static<typeof People.UserList>;
export type History = Static<typeof People.History>;
export type Deed = History['events'][number];
/** Of a stored item, what is shown. */
export type Item = { kind: Kind; id: string; title: string; url: string; tags: string[]; prompt: string };
export type Kind = 'image' | 'model';

/** The open object `trace` of a page. */
export type ListTrace = {
  stages: {
    stage: string;
    role: 'source' | 'filter' | 'scorer' | 'selector' | 'other';
    in: number;
    out: number;
    ms: number;
    removed?: Record<string, number>;
  }[];
  degraded: { stage: string; code: string }[];
  rerank: { mode: string; by: { ranker: string; version: string; taste: string } | null } | null;
  items: {
    id: string;
    score: number;
    propensity: number;
    features: Record<string, number>;
    parts: Record<string, number>;
  }[];
  /** What was kept out, by reason; named as far as the level asked for allows. */
  removed?: {
    reason: string;
    count: number;
    items: { kind: Kind; id: string; title: string; url: string }[];
  }[];
  versions: Record<string, string>;
  configDigest: string;
  seed: number;
  ms: number;
};

export type Scope = 'serve' | 'ingest' | 'report' | 'admin';
/** An RFC 9457 problem, or what stands for one when no answer came. */
export type Problem = { status: number; code: string; detail: string; retryAfter?: number };
/** What was asked for: one of loading, a problem, or data; while it is asked again, data stays. */
export type Asked<T> = {
  data: T | null;
  problem: Problem | null;
  loading: boolean;
  again: () => void;
};

/** Where the console is: the path without its query, and the query. */
export type Place = { path: string; query: URLSearchParams };
export type ViewProps = { place: Place; parameters: string[] };
export type View = { default: (props: ViewProps) => unknown };
export type Children = { children?: unknown };

export type ModerationQueue = Static<typeof Moderation.ModerationQueue>;
export type ModerationCase = ModerationQueue['items'][number];
export type PartStates = Static<typeof Admin.PartStates>;
export type WorkList = Static<typeof Admin.WorkList>;
export type Embeddings = Static<typeof Admin.Embeddings>;
export type ArtifactList = Static<typeof Admin.ArtifactList>;
export type Artifact = ArtifactList['models'][number];
export type TrainingList = Static<typeof Trainings.TrainingList>;
export type Training = TrainingList['trainings'][number];
export type ExperimentList = Static<typeof Experiments.ExperimentList>;
export type Definition = Experiments.ExperimentDefinition;
export type Experiment = Omit<Static<typeof Experiments.Experiment>, 'definition'> & {
  definition: Definition;
};
export type SpaceList = Static<typeof Spaces.SpaceList>;
export type DirectionList = Static<typeof Edits.DirectionList>;
export type Direction = DirectionList['directions'][number];
export type EditList = Static<typeof Edits.EditList>;
export type Edit = EditList['edits'][number];
export type Personalization = Static<typeof Edits.Personalization>;
export type PersonalizationList = Static<typeof Edits.PersonalizationList>;
