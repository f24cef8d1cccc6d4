import type { Catalog } from '../catalog/index.ts';
import type { ItemKind } from '../catalog/types.ts';
import type { Database } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { Sendable } from '../images/index.ts';
import type { SafetyRule } from '../safety/index.ts';
import { decideItem } from './decide.ts';
import { type Case, readCase, readQueue } from './queue.ts';
import { type ReportLimits, takeReport } from './report.ts';
import type { ModeratorDecision, Report, ReviewState } from './types.ts';

export type { Case } from './queue.ts';

/** What waits for a person, and their last word. It acts on the next request of every replica. */
export type Moderation = {
  queue(page: {
    state?: ReviewState;
    limit: number;
    after?: string;
  }): Promise<{ items: Case[]; next: string | null }>;
  look(kind: ItemKind, id: string): Promise<Case>;
  /** What the item shows, as JPEG: wherever it lies, and though nobody else may see it. */
  picture(kind: ItemKind, id: string): Promise<Buffer>;
  /** Answers the item as it is afterwards. */
  decide(kind: ItemKind, id: string, decision: ModeratorDecision, key: string): Promise<Case>;
  report(kind: ItemKind, id: string, report: Report): Promise<{ status: 'taken' | 'known' }>;
};

export function openModeration(
  parts: { db: Database; catalog: Pick<Catalog, 'catchUp'>; rule: SafetyRule; picture: Sendable },
  limits: ReportLimits,
): Moderation {
  const { db, catalog, rule } = parts;
  return {
    queue: (page) => readQueue(db, page),
    look: (kind, id) => readCase(db, kind, id),
    async picture(kind, id) {
      const { url } = await readCase(db, kind, id);
      if (url === '') throw new HamletError('picture-unknown', 404, 'The item has no picture.');
      return parts.picture(url as string);
    },
    async decide(kind, id, decision, key) {
      await catalog.catchUp(await decideItem(db, rule, { ...decision, kind, id, key }));
      return readCase(db, kind, id);
    },
    async report(kind, id, report) {
      const { taken, version } = await takeReport(db, rule, limits, { ...report, kind, id });
      await catalog.catchUp(version);
      return { status: taken ? 'taken' : 'known' };
    },
  };
}
