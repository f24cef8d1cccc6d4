import { join } from 'node:path';
import type { ItemColumns } from '../../catalog/columns.ts';
import type { ItemKind } from '../../catalog/types.ts';
import type { Database } from '../../db/index.ts';
import type { Log } from '../../log.ts';
import { activeArtifact } from '../registry.ts';
import { readSequenceArtifact } from './artifact.ts';
import { openSequenceModel } from './model.ts';
import type { SequenceModel } from './types.ts';

const KINDS: ItemKind[] = ['image', 'model'];
/** How soon a replica takes up a model that was promoted. */
const WATCH_MS = 5000;

const NOBODY = { user: 0, seq: 0 };

export type SequenceModels = {
  current(kind: ItemKind): SequenceModel | undefined;
  /** Whether another version is in force that this process cannot read. */
  behind(kind: ItemKind): boolean;
  /** Looks now for what was promoted. */
  watch(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Holds the sequence model in force of each kind and changes it while lists are made: who has asked the old one
 * is answered by it. One that cannot be read is logged, and the old one goes on.
 */
export async function openSequenceModels(parts: {
  db: Database;
  home: string;
  columns: ItemColumns;
  log: Log;
  watchMs?: number;
}): Promise<SequenceModels> {
  const { db, home, columns, log, watchMs = WATCH_MS } = parts;
  const models = new Map<ItemKind, SequenceModel>();
  const refused = new Map<ItemKind, string>();

  async function takeUp(kind: ItemKind): Promise<void> {
    const active = await activeArtifact(db, `sasrec-${kind}`);
    const now = models.get(kind);
    now?.rejoin();
    if (active === null || active.version === now?.version) {
      refused.delete(kind);
      if (active !== null || now === undefined) return;
      models.delete(kind);
      log.info({ kind, version: now.version }, 'sequence model taken out of force');
      return now.close();
    }
    try {
      const folder = join(home, 'artifacts', `sasrec-${kind}-${active.version}`);
      const next = openSequenceModel(await readSequenceArtifact(folder), columns);
      // Its thread is up before anybody's list waits for it.
      await next.ask(NOBODY, Int32Array.of(0));
      models.set(kind, next);
      refused.delete(kind);
      log.info({ kind, version: active.version }, 'sequence model loaded');
      await now?.close();
    } catch (error) {
      // It is tried again: its files may come a little later than its promotion.
      if (refused.get(kind) !== active.version)
        log.error({ err: error, kind, version: active.version }, 'sequence model refused');
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
    watch().catch((error) => log.warn({ err: error }, 'sequence models not checked'));
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
