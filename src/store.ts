import { join } from 'node:path';
import { openDrawings, readShowcase } from '../seed/index.ts';
import { openCatalog } from './catalog/index.ts';
import { Closing } from './closing.ts';
import type { Config } from './config.ts';
import { openDatabase } from './db/index.ts';
import { hasPictures, openContentSpace, readPicturesOf } from './embedding/index.ts';
import { openEvents } from './events/index.ts';
import { openImageLoader, openKept } from './images/index.ts';
import type { Log } from './log.ts';
import { openClip, openItemGraphs } from './models/index.ts';
import { openSafety } from './safety/index.ts';
import { openSidecars } from './sidecar/index.ts';
import { contentEncoder, openMarks, openToxicity } from './text/index.ts';
import { carryChanges, openVectors } from './vectors/index.ts';
import { PLACE_SPACES } from './w2w/index.ts';

/**
 * The half of the composition root that commands open, without the api: an import loads no HTTP and no re-ranker.
 */

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
      readPictures: readPicturesOf({ db, images }),
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
