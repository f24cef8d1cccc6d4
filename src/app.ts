import { join } from 'node:path';
import {
  openDrawings,
  openPictures,
  readShowcase,
  SHIPPED_BASE,
  shippedLora,
  showcaseOf,
} from '../seed/index.ts';
import { mayShowPictures, openCatalog, servable } from './catalog/index.ts';
import { LEVEL } from './catalog/types.ts';
import { classifyInBackground } from './classification/index.ts';
import { Closing } from './closing.ts';
import type { Config } from './config.ts';
import { openDatabase } from './db/index.ts';
import { openDpo } from './dpo/index.ts';
import {
  embeddingFailures,
  embeddingReport,
  embedInBackground,
  hasPictures,
  openContentSpace,
} from './embedding/index.ts';
import { keptReports } from './evaluation/index.ts';
import { openEvents } from './events/index.ts';
import { openExperiments } from './experiments/index.ts';
import { buildHttp } from './http/index.ts';
import { importedPath, openImageLoader, openKept, openSendable } from './images/index.ts';
import { openJobs } from './jobs/index.ts';
import { openKeys } from './keys/index.ts';
import type { Log } from './log.ts';
import {
  addArtifact,
  listArtifacts,
  openClip,
  openItemGraphs,
  openRankers,
  openSequenceModels,
  openTowerModels,
  promote,
  rollback,
} from './models/index.ts';
import { openModeration } from './moderation/index.ts';
import { retrainOnSchedule } from './promotion/index.ts';
import { prepareImpressions } from './ranking/index.ts';
import { FEATURES, openRecommender } from './recommend/index.ts';
import { openReranker, openVlmRanker } from './rerank/index.ts';
import { openSafety } from './safety/index.ts';
import { openSidecars } from './sidecar/index.ts';
import { describeByVlm, openTastes } from './taste/index.ts';
import { contentEncoder, openMarks, openToxicity } from './text/index.ts';
import { openTrainings } from './trainings/index.ts';
import { carryChanges, onceFilled, openVectors, outboxLag, reindex, sweep } from './vectors/index.ts';
import { openVlm } from './vlm/index.ts';
import { keepPlaces, openW2w, openW2wEdits, PLACE_SPACES } from './w2w/index.ts';

/**
 * The one composition root. Read it as a table of contents: every part of a running Hamlet is
 * opened here, in the order of what depends on what, and closed in the reverse order.
 */

/** Pixels of the longer side of what moderators look at. */
const MODERATED_SIDE = 1_024;

/** What every command works on: the truth, and the catalogue, log and item graphs over it. */
export async function openStore(config: Config, log: Log) {
  const closing = new Closing();
  return closing.orUndo(async () => {
    const db = closing.last(await openDatabase(config, log), (part) => part.close());
    const drawings = closing.last(openDrawings(), (part) => part.close());
    const kept = openKept(join(config.HAMLET_HOME, 'artifacts/pictures'));
    const images = closing.last(
      openImageLoader({
        ...{ trustedHosts: config.PICTURE_HOSTS, renderPicture: drawings.svg },
        ...{ readShowcase, readImported: kept.read },
      }),
      (part) => part.close(),
    );
    const toxicity = await openToxicity(config.TOXICITY_MODEL, log);
    const sidecars = openSidecars(config, log);
    const safety = closing.last(
      await openSafety(config.CLASSIFIERS, { sidecars, home: config.HAMLET_HOME, log }),
      (part) => part.judge?.close(),
    );
    const encoder = contentEncoder();
    const clip = closing.last(await openClip(config, { hasPictures: await hasPictures(db), log }), (part) =>
      part.close(),
    );
    const contentDims = clip.encoder?.dims ?? (config.CONTENT_DIMS || encoder.dims);
    const catalog = await openCatalog(db, {
      ...{ toxicity, marks: openMarks(), encoder, rule: safety.rule },
      ...{ contentDims, log },
    });
    const contentSpace = closing.last(
      await openContentSpace(db, { setting: config.CONTENT_SPACE, hasClip: clip.encoder !== null, log }),
      (part) => part.close(),
    );
    const events = closing.last(await openEvents(db, catalog, { log }), (part) => part.close());
    const graphs = closing.last(
      await openItemGraphs({
        db,
        home: config.HAMLET_HOME,
        readLog: events.interactionLog,
        readContent: (items) => catalog.vectors(contentSpace.current(), items),
        log,
      }),
      (part) => part.close(),
    );
    const spaces = { text: encoder.dims, clip: contentDims };
    const content = { encoder, clip, contentSpace, spaces, toxicity };
    return {
      config,
      log,
      db,
      images,
      kept,
      sidecars,
      safety,
      catalog,
      events,
      graphs,
      ...content,
      close: () => closing.run(),
    };
  });
}

/** The store with its vector index and the carrier that keeps it true. */
export async function openIndexed(config: Config, log: Log) {
  const closing = new Closing();
  return closing.orUndo(async () => {
    const store = closing.last(await openStore(config, log), (part) => part.close());
    const vectors = closing.last(await openVectors(config, log), (part) => part.close());
    const carrier = closing.last(
      await carryChanges(store.db, vectors, { spaces: store.spaces, modelSpaces: PLACE_SPACES, log }),
      (part) => part.stop(),
    );
    return { ...store, vectors, carrier, close: () => closing.run() };
  });
}
export type Indexed = Awaited<ReturnType<typeof openIndexed>>;

/** A whole api process, ready to listen. */
export async function openApp(config: Config, log: Log) {
  const closing = new Closing();
  return closing.orUndo(async () => {
    const parts = closing.last(await openIndexed(config, log), (part) => part.close());
    const jobs = closing.last(await openJobs(parts.db, log), (part) => part.stop());
    await parts.graphs.rebuildOnSchedule(jobs, config.GRAPH_REFRESH_MINUTES);
    const { encoder: clip } = parts.clip;
    if (clip)
      closing.last(embedInBackground({ ...parts, encoder: clip }, log, config.EMBED_SHARE), (part) =>
        part.stop(),
      );
    const { judge } = parts.safety;
    if (judge)
      closing.last(classifyInBackground({ ...parts, judge }, log, config.CLASSIFY_SHARE), (part) =>
        part.stop(),
      );
    const dpo = openDpo({ ...parts, home: config.HAMLET_HOME, clip: parts.clip.path });
    const impressions = prepareImpressions({ db: parts.db, home: config.HAMLET_HOME });
    const prepare: typeof dpo.prepare = async (spec, between) =>
      (await dpo.prepare(spec, between)) ?? impressions(spec, between);
    const trainings = closing.last(
      await openTrainings({ ...parts, jobs, home: config.HAMLET_HOME, log, prepare }),
      (part) => part.stop(),
    );
    const gate = { ...parts, home: config.HAMLET_HOME, margin: config.PROMOTION_MARGIN, log };
    if (parts.sidecars.count > 0) await retrainOnSchedule({ ...gate, jobs, trainings }, config.RETRAIN_HOURS);
    const weights = {
      ...{ db: parts.db, home: config.HAMLET_HOME, trainings },
      shipped: { lora: shippedLora(), base: SHIPPED_BASE },
    };
    const moderation = openModeration(
      { ...parts, rule: parts.safety.rule, picture: openSendable(parts.images, MODERATED_SIDE) },
      { toHold: config.REPORTS_TO_HOLD, perHour: config.REPORTS_AN_HOUR },
    );
    const keys = await openKeys(parts.db);
    const experiments = closing.last(await openExperiments(parts), (part) => part.close());
    await experiments.watchGuardrails(jobs, config.EXPERIMENT_CHECK_MINUTES);
    const vlm = openVlm(config, log);
    const seeing = vlm && { ...parts, vlm, sendable: openSendable(parts.images, config.VLM_PICTURE_SIDE) };
    const describer = seeing ? describeByVlm(seeing) : undefined;
    const tastes = closing.last(openTastes({ ...parts, encoder: clip, describer }), (part) => part.close());
    const w2wEdits = await openW2wEdits({ ...parts, ...weights, jobs, tastes, encoder: clip, vlm, log });
    closing.last(keepPlaces({ ...parts, home: config.HAMLET_HOME }, log), (part) => part.stop());
    const vlmRanker = seeing && closing.last(openVlmRanker(seeing), (part) => part.close());
    const learned = { db: parts.db, home: config.HAMLET_HOME, columns: parts.catalog.columns, log };
    const sequences = closing.last(await openSequenceModels(learned), (part) => part.close());
    const asked = { ...learned, features: FEATURES };
    const rankers = closing.last(await openRankers(asked), (part) => part.close());
    const readContent = (items: number[]) => parts.catalog.vectors('clip', items);
    const towers = closing.last(await openTowerModels({ ...learned, readContent }), (part) => part.close());
    const recommender = closing.last(
      await openRecommender({
        ...parts,
        vectors: onceFilled(parts.vectors, parts.carrier),
        graph: (kind) => parts.graphs.current(kind),
        graphBehind: (kind) => parts.graphs.behind(kind),
        graphAt: (kind, version) => parts.graphs.at(kind, version),
        ...{ sequences, towers, rankers },
        assign: experiments.assign,
        reranker: openReranker({ tastes, vlm: vlmRanker, config }),
      }),
      (part) => part.close(),
    );
    const { columns } = parts.catalog;
    const mayShow = mayShowPictures(parts.catalog, async () => (await parts.events.freshness('')).catalogue);
    const pictures = closing.last(
      openPictures(join(config.HAMLET_HOME, 'pictures'), (id) =>
        servable(columns.level[columns.refOf('image', id) ?? 0]!, LEVEL.XXX),
      ),
      (part) => part.close(),
    );
    const http = closing.last(
      await buildHttp({
        ...parts,
        recommender,
        tastes,
        vlm,
        experiments,
        moderation,
        evaluations: () => keptReports(config.HAMLET_HOME),
        keys,
        outbox: { lag: () => outboxLag(parts.db) },
        registry: {
          list: () => listArtifacts(parts.db),
          add: (folder) => addArtifact(parts.db, config.HAMLET_HOME, folder),
          promote: (kind, version) => promote(parts.db, kind, version),
          rollback: (kind) => rollback(parts.db, kind),
        },
        trainings,
        w2w: openW2w(weights),
        w2wEdits,
        dpo,
        maintenance: {
          reindex: (kind, progress) => reindex(parts.db, parts.vectors, kind, progress),
          sweep: (kind) => sweep(parts.db, parts.vectors, kind),
        },
        embeddings: {
          report: async () => ({
            ...{ encoder: clip?.id ?? null, problem: parts.clip.problem?.code ?? null },
            ...{ space: parts.contentSpace.current(), ...(await embeddingReport(parts.db)) },
          }),
          failures: (limit) => embeddingFailures(parts.db, limit),
        },
        pictures: {
          webp: async (id, size) => ((await mayShow('image', id)) ? pictures.webp(id, size) : null),
          showcase: async (name) =>
            (await mayShow('model', showcaseOf(name) ?? '')) ? readShowcase(name) : null,
          imported: async (kind, id, name) =>
            (await mayShow(kind, id, importedPath(kind, id, name))) ? parts.kept.read(name) : null,
        },
      }),
      (part) => part.close(),
    );
    return {
      ...parts,
      jobs,
      keys,
      tastes,
      moderation,
      experiments,
      recommender,
      pictures,
      http,
      /** Takes up now what was just promoted. */
      watchModels: () => Promise.all([sequences.watch(), towers.watch(), rankers.watch()]),
      close: () => closing.run(),
    };
  });
}
export type App = Awaited<ReturnType<typeof openApp>>;
