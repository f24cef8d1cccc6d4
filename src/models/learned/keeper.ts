import { join } from 'node:path';
import type { ItemKind } from '../../catalog/types.ts';
import type { Database } from '../../db/index.ts';
import type { Log } from '../../log.ts';
import { activeArtifact } from '../registry.ts';
import type { HistoryModel } from './types.ts';

const KINDS: ItemKind[] = ['image', 'model'];
/** How soon a replica takes up a model that was promoted. */
const WATCH_MS = 5000;

const NOBODY = { user: 0, seq: 0 };

export type LearnedModels = {
  current(kind: ItemKind): HistoryModel | undefined;
  /** Whether another version is in force that this process cannot read. */
  behind(kind: ItemKind): boolean;
  /** Looks now for what was promoted. */
  watch(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Holds the model in force of each kind of item and changes it while lists are made: who has asked the old one is
 * answered by it. One that cannot be read is logged, and the old one goes on.
 *
 * @param parts.family artifacts are of kind `FAMILY-image` and `FAMILY-model`
 */
export async function openLearnedModels(parts: {
  family: string;
  open: (folder: string) => Promise<HistoryModel>;
  db: Database;
  home: string;
  log: Log;
  watchMs?: number;
}): Promise<LearnedModels> {
  const { family, open, db, home, log, watchMs = WATCH_MS } = parts;
  const models = new Map<ItemKind, HistoryModel>();
  const refused = new Map<ItemKind, string>();

  async function takeUp(kind: ItemKind): Promise<void> {
    const artifact = `${family}-${kind}`;
    const active = await activeArtifact(db, artifact);
    const now = models.get(kind);
    await now?.rejoin();
    if (active === null || active.version === now?.version) {
      refused.delete(kind);
      if (active !== null || now === undefined) return;
      models.delete(kind);
      log.info({ artifact, version: now.version }, 'model taken out of force');
      return now.close();
    }
    try {
      const next = await open(join(home, 'artifacts', `${artifact}-${active.version}`));
      // Its thread is up before anybody's list waits for it.
      await next.ask(NOBODY, Int32Array.of(0));
      models.set(kind, next);
      refused.delete(kind);
      log.info({ artifact, version: active.version }, 'model loaded');
      await now?.close();
    } catch (error) {
      // It is tried again: its files may come a little later than its promotion.
      if (refused.get(kind) !== active.version)
        log.error({ err: error, artifact, version: active.version }, 'model refused');
      refused.set(kind, active.version);
    }
  }

  /** One look at a time: two would open the same model twice. */
  let turn: Promise<unknown> = Promise.resolve();
  const watch = () => {
    const looked = turn.then(async () => {
      for (const kind of KINDS) await takeUp(kind);
    });
    turn = looked.catch(() => {});
    return looked;
  };

  await watch();
  const timer = setInterval(() => {
    watch().catch((error) => log.warn({ err: error, family }, 'models not checked'));
  }, watchMs);
  timer.unref();

  return {
    current: (kind) => models.get(kind),
    behind: (kind) => refused.has(kind),
    watch,
    async close() {
      clearInterval(timer);
      await turn;
      await Promise.all([...models.values()].map((model) => model.close()));
    },
  };
}
