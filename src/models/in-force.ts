import type { ItemKind } from '../catalog/types.ts';
import type { Database } from '../db/index.ts';
import type { Log } from '../log.ts';
import { activeArtifact } from './registry.ts';

const KINDS: ItemKind[] = ['image', 'model'];
/** How soon a replica takes up what was promoted. */
const WATCH_MS = 5000;
/** A list that was begun with the old model may ask it so long after another took its place. */
const LINGER_MS = 5000;

export type Served = { readonly version: string; close(): Promise<void> };
export type ModelsInForce<Model> = {
  current(kind: ItemKind): Model | undefined;
  /** Whether another version is in force that this process cannot read. */
  behind(kind: ItemKind): boolean;
  /** Looks now for what was promoted. */
  watch(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Holds the model in force of each kind of item and changes it while lists are made: who has asked the old one is
 * answered by it. One that cannot be read is logged, and the old one goes on.
 */
export async function keepInForce<Model extends Served>(parts: {
  db: Database;
  log: Log;
  /** As it is called in the log. */
  name: string;
  /** Of its artifacts, by kind of item. */
  artifactKind: (kind: ItemKind) => string;
  /** Opens and warms it: nobody's list is to wait for its start. */
  open: (kind: ItemKind, version: string) => Promise<Model>;
  /** Brings the one in force up to date, at each look. */
  refresh?: (model: Model) => void | Promise<void>;
  watchMs?: number;
}): Promise<ModelsInForce<Model>> {
  const { db, log, name, artifactKind, open, refresh, watchMs = WATCH_MS } = parts;
  const models = new Map<ItemKind, Model>();
  const refused = new Map<ItemKind, string>();
  /** What was last said of the one in force that cannot be brought up to date. */
  const told = new Map<ItemKind, string>();

  /** Models out of force that may still be asked. */
  const leaving = new Map<Model, NodeJS.Timeout>();
  function retire(model: Model): void {
    const end = () => {
      leaving.delete(model);
      model.close().catch((error) => log.warn({ err: error }, `${name} not closed`));
    };
    leaving.set(model, setTimeout(end, LINGER_MS).unref());
  }

  /** Where this fails the one in force serves on as it is, and what was promoted is taken up nonetheless. */
  async function bringUpToDate(kind: ItemKind, model: Model): Promise<void> {
    try {
      await refresh?.(model);
    } catch (error) {
      const { message } = error as Error;
      if (told.get(kind) !== message)
        log.warn({ err: error, kind, version: model.version }, `${name} not brought up to date`);
      told.set(kind, message);
    }
  }

  async function takeUp(kind: ItemKind): Promise<void> {
    const active = await activeArtifact(db, artifactKind(kind));
    const now = models.get(kind);
    if (now) await bringUpToDate(kind, now);
    if (active === null || active.version === now?.version) {
      refused.delete(kind);
      if (active !== null || now === undefined) return;
      models.delete(kind);
      log.info({ kind, version: now.version }, `${name} taken out of force`);
      return retire(now);
    }
    try {
      const next = await open(kind, active.version);
      models.set(kind, next);
      told.delete(kind);
      refused.delete(kind);
      log.info({ kind, version: active.version }, `${name} loaded`);
      if (now) retire(now);
    } catch (error) {
      // It is tried again: its files may come a little later than its promotion.
      if (refused.get(kind) !== active.version)
        log.error({ err: error, kind, version: active.version }, `${name} refused`);
      refused.set(kind, active.version);
    }
  }

  /** One look at a time: two would open the same model twice. */
  let turn: Promise<unknown> = Promise.resolve();
  const watch = () => {
    const looking = turn.then(async () => {
      for (const kind of KINDS) await takeUp(kind);
    });
    turn = looking.catch(() => {});
    return looking;
  };

  await watch();
  const looks = setInterval(() => {
    watch().catch((error) => log.warn({ err: error }, `${name} not checked`));
  }, watchMs);
  looks.unref();

  return {
    current: (kind) => models.get(kind),
    behind: (kind) => refused.has(kind),
    watch,
    async close() {
      clearInterval(looks);
      await turn;
      for (const timer of leaving.values()) clearTimeout(timer);
      await Promise.all([...models.values(), ...leaving.keys()].map((model) => model.close()));
    },
  };
}
