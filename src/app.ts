import { join } from 'node:path';
import { openPictures, readShowcase, SHIPPED_BASE, shippedLora, showcaseOf } from '../seed/index.ts';
import { mayShowPictures, servable } from './catalog/index.ts';
import { LEVEL } from './catalog/types.ts';
import { classifyInBackground } from './classification/index.ts';
import { Closing } from './closing.ts';
import type { Config } from './config.ts';
import { openDpo } from './dpo/index.ts';
import { embeddingFailures, embeddingReport, embedInBackground, offerPictures } from './embedding/index.ts';
import { keptReports } from './evaluation/index.ts';
import { openExperiments } from './experiments/index.ts';
import { buildHttp } from './http/index.ts';
import { importedPath, openSendable } from './images/index.ts';
import { openJobs } from './jobs/index.ts';
import { openKeys } from './keys/index.ts';
import type { Log } from './log.ts';
import {
  addArtifact,
  listArtifacts,
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
import { openIndexed } from './store.ts';
import { describeByVlm, openTastes } from './taste/index.ts';
import { openTrainings } from './trainings/index.ts';
import { onceFilled, outboxLag, reindex, sweep } from './vectors/index.ts';
import { openVlm } from './vlm/index.ts';
import { keepPlaces, openW2w, openW2wEdits } from './w2w/index.ts';

/**
 * The composition root: with store.ts, which commands open alone, the one place that opens parts. Read it as a table of
 * contents: every part of a running Hamlet is opened in the order of what depends on what, and closed in the reverse.
 */

/** Pixels of the longer side of what moderators look at. */
const MODERATED_SIDE = 1_024;

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
    const offering = { ...parts, home: config.HAMLET_HOME };
    const trainings = closing.last(
      await openTrainings({
        ...{ ...offering, jobs, log, prepare },
        offer: (spec, between) => offerPictures(offering, spec, between),
      }),
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
    const w2wEdits = closing.last(
      await openW2wEdits({ ...parts, ...weights, jobs, tastes, encoder: clip, vlm, log }),
      (part) => part.stop(),
    );
    closing.last(keepPlaces({ ...parts, home: config.HAMLET_HOME }, log), (part) => part.stop());
    const vlmRanker = seeing && closing.last(openVlmRanker(seeing), (part) => part.close());
    const learned = { db: parts.db, home: config.HAMLET_HOME, columns: parts.catalog.columns, log };
    const sequences = closing.last(await openSequenceModels(learned), (part) => part.close());
    const asked = { ...learned, features: FEATURES };
    const rankers = closing.last(await openRankers(asked), (part) => part.close());
    const readContent = (items: number[]) => parts.catalog.vectors('clip', items);
    const towers = closing.last(
      await openTowerModels({ ...learned, readContent, readPictures: parts.readPictures }),
      (part) => part.close(),
    );
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
