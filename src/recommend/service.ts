import { createSecretKey } from 'node:crypto';
import { type Catalog, levelFor } from '../catalog/index.ts';
import { type ContentSpace, type ItemKind, type ItemRef, KIND_NAME } from '../catalog/types.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import { type Events, emptyState } from '../events/index.ts';
import type { UserState } from '../events/types.ts';
import { getOrCreateSecret } from '../keys/index.ts';
import type { Log } from '../log.ts';
import type { ClipEncoder, LearnedModels, Rankers } from '../models/index.ts';
import type { ItemGraph } from '../models/item-graph/types.ts';
import type { TextEncoder64 } from '../text/index.ts';
import type { VectorReader } from '../vectors/port.ts';
import { bySpace } from './by-space.ts';
import { contentCache } from './content.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { diversityOf } from './diversity.ts';
import { openImpressions } from './impressions.ts';
import { listTime, newListId } from './list-id.ts';
import { listRequest } from './list-request.ts';
import { traceOf } from './list-trace.ts';
import { contentNeighbours } from './neighbours.ts';
import { pipelineWith } from './overrides.ts';
import { mayShowNow, pagePositions, showEntries } from './page.ts';
import { seededRandom } from './random.ts';
import { pipelinesOf, rank } from './rank.ts';
import type { Recommender, RecommendQuery } from './recommender.ts';
import { openRemovals } from './removals.ts';
import { removedItems } from './removed-items.ts';
import { lookUp } from './rerank-stage.ts';
import type { QueryEncoder } from './search.ts';
import { runStage } from './stage.ts';
import { entriesOf, readList, type StoredList } from './stored-list.ts';
import type { Assign, Assignment, Page, Reason, Reranker } from './types.ts';
import { openUnlogged } from './unlogged.ts';

const PAGE_LIMIT = 20;
/** Content vectors kept in memory: ~80 MB at 64 dimensions. */
const CONTENT_ROWS = 250_000;
/** The named vector of where a LoRA lies in weight space (src/w2w/places.ts), and how many are kept. */
const PLACE_SPACE = 'w2w';
const PLACE_ROWS = 20_000;
/** Neighbours an item brings by content. */
const NEIGHBOURS = 80;
/** A list does without the re-ranker's reasons rather than wait for them (milliseconds): it has reasons of its own. */
const REASONS = { name: 'reasons', deadline: 500 };
const DEFAULT: Assignment = { variant: 'default', pipelines: [{}] };

export async function openRecommender(parts: {
  db: Database;
  catalog: Pick<Catalog, 'columns' | 'catchUp' | 'cards' | 'cardNow'>;
  events: Pick<Events, 'freshness' | 'state'>;
  vectors: VectorReader;
  graph: (kind: ItemKind) => ItemGraph;
  /** Whether that is not the graph in force, because it cannot be read here. */
  graphBehind?: (kind: ItemKind) => boolean;
  /** A graph that a variant names; undefined when it is not in memory. */
  graphAt?: (kind: ItemKind, version: string) => ItemGraph | undefined;
  /** Models in force; none where nobody trained one. */
  sequences?: Pick<LearnedModels, 'current' | 'behind'>;
  towers?: Pick<LearnedModels, 'current' | 'behind'>;
  /** Rankers in force; without one the blend ranks. */
  rankers?: Pick<Rankers, 'current' | 'behind'>;
  /** What experiments decide about a list; without them every list is the default one. */
  assign?: Assign;
  /** A second look at the top of a list. */
  reranker?: Reranker;
  encoder: TextEncoder64;
  clip: { encoder: Pick<ClipEncoder, 'id' | 'encodeText'> | null };
  /** The space that content is compared in now. */
  contentSpace: { current(): ContentSpace };
  config: Config;
  log: Log;
}): Promise<Recommender> {
  const { db, catalog, events, vectors, graph, graphAt, encoder, config } = parts;
  const { graphBehind = () => false, assign = async () => DEFAULT, reranker } = parts;
  const { columns } = catalog;
  // As a key object: from bytes it would be made anew for every signature.
  const secret = createSecretKey(await getOrCreateSecret(db, 'cursor'));
  const impressions = openImpressions(db);
  const clip = parts.clip.encoder;
  const places = placesOf(vectors, catalog);
  const inSpace = bySpace(parts.contentSpace.current, (space) => {
    const content = contentCache((items) => vectorsOfBothKinds(vectors, space, items, catalog), CONTENT_ROWS);
    const neighbours = contentNeighbours(vectors, content, space, NEIGHBOURS);
    const made = space === 'clip' ? (clip?.id ?? 'declared') : encoder.id;
    const versions = { encoder: made, vectors: vectors.backend, space };
    const pipelineOf = pipelinesOf((overrides) =>
      pipelineWith({ settings: config, content, neighbours, places, versions }, overrides),
    );
    const inWords: QueryEncoder = { space: 'text', encode: encoder.encodeQuery };
    const inPictures = space === 'clip' && clip ? [{ space, encode: clip.encodeText }] : [];
    const look = lookUp(content, space);
    return { content, neighbours, pipelineOf, look, queries: [...inPictures, inWords] };
  });

  /** The catalogue and the user as of now or later: what was acknowledged before the call is in it. */
  async function present(userId: string | undefined): Promise<{ user: UserState; erasures: number }> {
    const fresh = await events.freshness(userId ?? '');
    if (fresh.catalogue > columns.version) await catalog.catchUp(fresh.catalogue);
    const user = userId === undefined ? emptyState('') : await events.state(userId, fresh);
    return { user, erasures: fresh.erasures };
  }

  const unlogged = openUnlogged({ present, catalog, vectors, inSpace, graph, graphBehind });

  async function make(query: RecommendQuery, now: number) {
    const { user, erasures } = await present(query.userId);
    const { content, pipelineOf, look } = inSpace();
    const request = listRequest(query, user, catalog);
    const random = seededRandom(Math.floor(Math.random() * 2 ** 32));
    const removals = query.trace === 'whole' ? openRemovals() : undefined;
    const context = { request, user, columns, now, random, removals };
    const { variant, pipelines } = await assign(user, query.surface, query.kind);
    const { sequences, towers, rankers } = parts;
    const ranking = {
      ...{ pipelineOf, graph, graphBehind, graphAt },
      ...{ sequences, towers, rankers, reranker, look },
    };
    const ranked = await rank(ranking, pipelines, context);
    return { ...ranked, user, erasures, request, variant, removals, content };
  }

  const rehearse: Recommender['rehearse'] = async (query) =>
    (await make(query, Date.now())).list.items.slice(0, query.limit).map(({ item }) => columns.idOf(item));

  async function recommend(query: RecommendQuery): Promise<Page> {
    const now = Date.now();
    const { list, identity, user, erasures, request, variant, removals, content } = await make(query, now);
    const stored: StoredList = {
      ...{ id: newListId(now), userId: query.userId, kind: query.kind, maxLevel: request.maxLevel },
      ...{ variant, versions: list.trace.versions, degraded: list.trace.degraded },
      reranked: list.rerank !== undefined,
      entries: entriesOf(list),
    };
    const served = Math.min(query.limit, stored.entries.length);
    const diversity = diversityOf(list.items.slice(0, served), content);
    const about = {
      id: stored.id,
      userRef: user.user,
      userSeq: user.seq,
      erasures,
      variant,
      served,
      diversity,
    };
    await impressions.list({ ...about, request, identity, list });
    const page = await pageOf(stored, 0, query.limit, request.maxLevel, user);
    if (query.trace === undefined) return page;
    const removed = removals && (await removedItems(catalog, removals, request.maxLevel));
    const told = query.trace === 'whole' ? page.items : [];
    return { ...page, trace: { ...traceOf(list, told, identity.description), removed } };
  }

  const nextPage: Recommender['nextPage'] = async (query) => {
    const { listId, offset } = readCursor(query.cursor, secret, Date.now());
    const list = await readList(db, listId);
    if (query.userId !== undefined && query.userId !== list.userId)
      throw new HamletError('cursor-invalid', 400, 'The cursor belongs to another list.', {
        pointer: '/cursor',
      });
    const { user } = await present(list.userId);
    const maxLevel = levelFor(Math.min(list.maxLevel, query.maxLevel), user.preferences.maxLevel);
    const page = await pageOf(list, offset, query.limit ?? PAGE_LIMIT, maxLevel, user);
    const items = page.items.map(({ position }) => list.entries[position]!.item);
    await impressions.page({ listId, firstPosition: page.items[0]?.position ?? offset, items });
    return page;
  };

  async function pageOf(
    list: StoredList,
    offset: number,
    limit: number,
    maxLevel: number,
    user: UserState,
  ): Promise<Page> {
    const mayShow = mayShowNow({ columns }, { kind: list.kind, maxLevel }, user);
    const { positions, next } = pagePositions(list, offset, limit, mayShow);
    const shown = positions.map((position) => ({ entry: list.entries[position]!, position }));
    const about = { kind: list.kind, maxLevel, user };
    const items = await showEntries(catalog, shown, about, list.reranked ? reasonsFor(about) : undefined);
    const expires = listTime(list.id) + config.CURSOR_HOURS * 3_600_000;
    return {
      recommendationId: list.id,
      items,
      variant: list.variant,
      degraded: list.degraded,
      versions: list.versions,
      nextCursor: next === null ? null : writeCursor({ listId: list.id, offset: next, expires }, secret),
    };
  }

  const reasonsFor =
    (about: Pick<StoredList, 'kind'> & { user: UserState }) =>
    async (items: ItemRef[], mayName: (item: ItemRef) => boolean): Promise<Map<ItemRef, Reason>> => {
      const { look } = inSpace();
      const told = await runStage(REASONS, async () => {
        // A later page may be of another replica, which has not seen these.
        await look.load(items);
        return reranker?.reasons({ ...about, items, ...look }, mayName);
      });
      return ('value' in told && told.value) || new Map();
    };

  return { recommend, rehearse, nextPage, ...unlogged, close: impressions.close };
}

/** Of models alone, whatever space content is compared in. */
function placesOf(vectors: VectorReader, catalog: Pick<Catalog, 'columns'>) {
  const content = contentCache(
    (items) => vectorsOfBothKinds(vectors, PLACE_SPACE, items, catalog),
    PLACE_ROWS,
  );
  return { content, neighbours: contentNeighbours(vectors, content, PLACE_SPACE, NEIGHBOURS) };
}

/** A history holds both kinds, and each kind's vectors lie in a collection of their own. */
async function vectorsOfBothKinds(
  vectors: VectorReader,
  space: string,
  items: ItemRef[],
  { columns }: Pick<Catalog, 'columns'>,
): Promise<ReadonlyMap<ItemRef, Float32Array>> {
  const byKind = Map.groupBy(items, (item) => KIND_NAME[columns.kind[item]!]);
  const found = await Promise.all(
    [...byKind].map(([kind, ofKind]) =>
      kind === undefined ? new Map<ItemRef, Float32Array>() : vectors.vectors(kind, space, ofKind),
    ),
  );
  return new Map(found.flatMap((part) => [...part]));
}
