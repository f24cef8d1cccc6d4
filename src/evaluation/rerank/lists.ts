import type { Catalog } from '../../catalog/index.ts';
import { type ContentSpace, type ItemKind, type ItemRef, LEVEL } from '../../catalog/types.ts';
import type { Config } from '../../config.ts';
import type { Events } from '../../events/index.ts';
import type { UserState } from '../../events/types.ts';
import {
  buildItemGraph,
  type HistoryModel,
  openTowerModel,
  type ReadPictures,
  type TowerArtifact,
} from '../../models/index.ts';
import type { ItemGraph } from '../../models/item-graph/types.ts';
import {
  contentCache,
  contentNeighbours,
  defaultPipeline,
  type Pipeline,
  type Random,
  runPipeline,
  seededRandom,
  shuffled,
} from '../../recommend/index.ts';
import type { Candidate } from '../../recommend/types.ts';
import type { VectorReader } from '../../vectors/port.ts';
import { contentOf } from '../trained-towers.ts';
import { type HeldOut, heldOutOf } from './held-out.ts';

/** A list to be ranked again: one item the person liked afterwards, the others from the pipeline’s best. */
export type RerankList = {
  state: UserState;
  at: number;
  gold: ItemRef;
  /** In the pipeline's order, best first, and what it knew of each. */
  base: ItemRef[];
  candidates: Candidate[];
  /** As a client hands them over: shuffled. */
  shown: ItemRef[];
};
export type ListOptions = { kind: ItemKind; lists: number; seed: number; part: 'tuning' | 'test' };

const LENGTH = 20;
const DEPTH = 100;
/** Part of the log by time that the item graph is built from; likes after it are asked about. */
const KNOWN = 0.3;
/** One person in so many is for tuning. */
const TUNING = 6;
const NEIGHBOURS = 80;
const CONTENT_ROWS = 250_000;

type Parts = {
  catalog: Pick<Catalog, 'columns' | 'vectors'>;
  events: Pick<Events, 'deeds' | 'interactionLog'>;
  vectors: VectorReader;
  contentSpace: { current(): ContentSpace };
  config: Config;
  /** Towers that serve; likes are asked about from what they have not learned from. */
  towers?: TowerArtifact | null;
  /** For towers that see pictures by themselves. */
  readPictures?: ReadPictures;
};

/**
 * Lists as they would have been asked for in the past: the default pipeline over the log of then. The liked item is
 * one of the hundred that the pipeline itself found, as it is wherever lists are re-ranked. People belong to the
 * tuning lists or to the test lists, never to both; a person has as few lists as possible.
 */
export async function makeLists(
  parts: Parts,
  options: ListOptions,
  progress: (fraction: number, note: string) => void = () => {},
): Promise<{ lists: RerankList[]; asked: number }> {
  const everybody = await parts.events.deeds();
  const known = timeAt(everybody.flatMap(({ deeds }) => deeds.map(({ at }) => at)));
  const cut = Math.max(known, parts.towers?.until ?? 0);
  const log = await parts.events.interactionLog(options.kind, new Date(cut));
  const graph = buildItemGraph(log, {}, (part) => progress(part * 0.5, 'item graph of then'));
  const pipeline = pipelineOf(parts);
  const random = seededRandom(options.seed);
  const people = everybody.filter(({ user }) => (user % TUNING === 0) === (options.part === 'tuning'));
  const asked = inTurns(
    people.map((person) => shuffled(heldOutOf(person, options.kind, cut, parts.catalog.columns), random)),
  );
  const towers = await towersOver(parts);
  const lists: RerankList[] = [];
  try {
    for (const [n, heldOut] of asked.entries()) {
      if (lists.length === options.lists) return { lists, asked: n };
      const found = await bestOf({ pipeline, graph, towers, parts, kind: options.kind }, heldOut);
      const list = found && listOf(found, heldOut, random);
      if (list) lists.push(list);
      progress(0.5 + 0.5 * Math.max(lists.length / options.lists, n / asked.length), 'lists');
    }
    return { lists, asked: asked.length };
  } finally {
    await towers?.close();
  }
}

async function towersOver({ towers, catalog, readPictures }: Parts): Promise<HistoryModel | undefined> {
  if (!towers) return undefined;
  const model = openTowerModel(towers, catalog.columns, contentOf({ catalog }).readContent, {
    readPictures,
  });
  await model.rejoin();
  return model;
}

type Past = {
  pipeline: Pipeline;
  graph: ItemGraph;
  towers: HistoryModel | undefined;
  parts: Parts;
  kind: ItemKind;
};

/** The pipeline's best, or null where the liked item is not among them. */
async function bestOf(
  { pipeline, graph, towers, parts, kind }: Past,
  { state, gold, at }: HeldOut,
): Promise<Candidate[] | null> {
  const { columns } = parts.catalog;
  const request = {
    ...{ userId: state.id, kind, limit: DEPTH, surface: 'evaluation', maxLevel: LEVEL.PG, tags: [] },
    exclude: new Set<ItemRef>(),
  };
  const { items } = await runPipeline(pipeline, {
    ...{ request, user: state, columns, graph, towers, now: at },
    random: seededRandom(gold ^ state.user),
  });
  return items.some(({ item }) => item === gold) && items.length >= LENGTH ? items : null;
}

function listOf(best: Candidate[], { state, gold, at }: HeldOut, random: Random): RerankList {
  const items = best.map(({ item }) => item);
  const others = shuffled(
    items.filter((item) => item !== gold),
    random,
  ).slice(0, LENGTH - 1);
  const chosen = new Set([gold, ...others]);
  const candidates = best.filter(({ item }) => chosen.has(item));
  const base = candidates.map(({ item }) => item);
  return { state, at, gold, base, candidates, shown: shuffled(base, random) };
}

/** As served, but for the draw; and nothing is found that was not there yet. */
function pipelineOf({ catalog, vectors, contentSpace, config }: Parts): Pipeline {
  const space = contentSpace.current();
  const content = contentCache((items) => catalog.vectors(space, items), CONTENT_ROWS);
  const neighbours = contentNeighbours(vectors, content, space, NEIGHBOURS);
  const settings = { ...config, LIST_DEPTH: DEPTH, DRAW_SHARE: 0 };
  const served = defaultPipeline({ settings, content, neighbours, patience: 60_000 });
  return {
    ...served,
    sources: served.sources.map((source) => ({ ...source, deadline: 60_000 })),
    filters: [
      ...served.filters,
      {
        name: 'not-yet',
        apply: (candidates, { columns, now }) => ({
          kept: candidates.filter(({ item }) => columns.created[item]! * 1000 <= now),
          removed: [],
        }),
      },
    ],
  };
}

function timeAt(times: number[]): number {
  const sorted = Float64Array.from(times).sort();
  return sorted[Math.floor(sorted.length * KNOWN)] ?? 0;
}

/** Everybody's first, then everybody's second, … */
function inTurns<T>(rows: T[][]): T[] {
  const longest = Math.max(0, ...rows.map(({ length }) => length));
  return Array.from({ length: longest }, (_, n) => rows.flatMap((row) => row.slice(n, n + 1))).flat();
}
