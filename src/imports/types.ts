import type { Catalog } from '../catalog/index.ts';
import type { ItemInput, SafetyPolicy } from '../catalog/types.ts';
import type { Database } from '../db/index.ts';
import type { Events } from '../events/index.ts';
import type { EventInput, ImportedEvent, Preferences } from '../events/types.ts';
import type { KeptPictures } from '../images/index.ts';
import type { Log } from '../log.ts';

export type ImportParts = {
  db: Pick<Database, 'pool'>;
  catalog: Pick<Catalog, 'put' | 'faultOf'>;
  events: Pick<Events, 'ingest' | 'ingestImported' | 'putUser' | 'counts'>;
  /** HAMLET_HOME: reject files go to `imports/` in it. */
  home: string;
  /** Where pictures of a folder go. */
  kept?: KeptPictures;
  log: Log;
};

/** `fraction` of the bytes read, 0…1; `note` says it in words. */
export type ImportProgress = (fraction: number, note?: string) => void;

/** Figures of this run alone: what an interrupted run had done before is in `resumedAfter`. */
export type ImportReport = {
  id: string;
  /** Events that are new. */
  accepted: number;
  /** Events that were there already. */
  duplicate: number;
  /** Events whose id was there with another content: they change nothing. */
  conflict: number;
  /** Rows that could not be used; each is in the reject file. */
  rejected: number;
  /** Items created or changed. */
  items: number;
  /** Items that were there already. */
  unchanged: number;
  /** People who are new. */
  users: number;
  rows: number;
  /** Rows an interrupted import of the same file had done; 0 for a whole run. */
  resumedAfter: number;
  safety: SafetyPolicy;
  seconds: number;
  rejectFile: string | null;
};

/** What one row of a file comes to. */
export type Step = {
  /** Number within the whole import, from 1, over all its files: where a resumed import goes on. */
  row: number;
  /** Number within its file, from 1. */
  line: number;
  items?: ItemInput[];
  users?: UserInput[];
  /** Times are of the file; they are stored unless the row's items are rejected. */
  events?: ImportedEvent[];
  /** An event as a stranger wrote it: each is judged by itself. */
  foreign?: EventInput;
  reject?: Reject;
};
export type UserInput = { id: string; attributes?: unknown; preferences?: Preferences };
export type Reject = { code: string; detail?: string };

/** Some rows of one file, in order. */
export type Chunk = { file: string; steps: Step[]; fraction: number };

/**
 * One kind of file, ready to be read. `read` may leave out rows up to `after` where it can; the run
 * ignores those it gets all the same.
 */
export type Source = {
  kind: string;
  /** The files, in the order in which they are read. */
  files: string[];
  read(after: number): AsyncIterable<Chunk>;
  /** Two rows about the same item within a batch; without it the later one replaces the earlier. */
  merge?(earlier: ItemInput, later: ItemInput): ItemInput;
  /** Last look at the items of a batch before they are stored; null for one that is to stay as it is stored. */
  complete?(items: ItemInput[]): Promise<(ItemInput | null)[]>;
};
