import type { Catalog } from '../catalog/index.ts';
import type { ItemKind } from '../catalog/types.ts';
import type { Database } from '../db/index.ts';
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
  /** Answers the item as it is afterwards. */
  decide(kind: ItemKind, id: string, decision: ModeratorDecision, key: string): Promise<Case>;
  report(kind: ItemKind, id: string, report: Report): Promise<{ status: 'taken' | 'known' }>;
};

export function openModeration(
  { db, catalog, rule }: { db: Database; catalog: Pick<Catalog, 'catchUp'>; rule: SafetyRule },
  limits: ReportLimits,
): Moderation {
  return {
    queue: (page) => readQueue(db, page),
    look: (kind, id) => readCase(db, kind, id),
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
