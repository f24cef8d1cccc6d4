import type { SafetyPolicy } from '../catalog/types.ts';
import { type Placed, storeBatch } from './batch.ts';
import { openJournal } from './journal.ts';
import { openRejects } from './rejects.ts';
import type { ImportParts, ImportProgress, ImportReport, Source } from './types.ts';

/** A batch is stored when it holds this much; what a crash repeats, and what memory holds. */
const BATCH = { rows: 50_000, items: 2_000, events: 20_000 };

/**
 * Carries a source into the catalogue and the log, batch by batch; goes on where an interrupted import of
 * the same files stopped.
 * @throws HamletError when the file as a whole cannot be read, or `database-unavailable`; what was stored stays.
 */
export async function runImport(
  parts: ImportParts,
  source: Source,
  policy: SafetyPolicy,
  progress: ImportProgress,
): Promise<ImportReport> {
  const began = performance.now();
  const journal = await openJournal(parts.db, source, policy);
  const rejects = await openRejects(parts.home, journal.id, journal.position);
  const { users: usersBefore } = await parts.events.counts();
  const report = {
    ...{ id: journal.id, accepted: 0, duplicate: 0, conflict: 0, rejected: 0, items: 0, unchanged: 0 },
    ...{ users: 0, rows: 0, resumedAfter: journal.position, safety: policy, seconds: 0 },
  };

  let batch: Placed[] = [];
  let size = { items: 0, events: 0 };
  const flush = async () => {
    if (batch.length === 0) return;
    const { counts, rejected } = await storeBatch(parts, source, policy, batch);
    await rejects.add(rejected);
    await journal.advance(batch.at(-1)!.row, counts.accepted, rejected.length);
    for (const name of ['accepted', 'duplicate', 'conflict', 'items', 'unchanged'] as const)
      report[name] += counts[name];
    report.rejected += rejected.length;
    report.rows += batch.length;
    batch = [];
    size = { items: 0, events: 0 };
  };

  for await (const { file, steps, fraction } of source.read(journal.position)) {
    for (const step of steps) {
      if (step.row <= journal.position) continue;
      batch.push({ ...step, file });
      size.items += step.items?.length ?? 0;
      size.events += (step.events?.length ?? 0) + (step.foreign ? 1 : 0);
      if (batch.length >= BATCH.rows || size.items >= BATCH.items || size.events >= BATCH.events)
        await flush();
    }
    progress(fraction, `${report.rows.toLocaleString('en')} rows`);
  }
  await flush();
  await journal.finish();

  const { users } = await parts.events.counts();
  report.users = users - usersBefore;
  report.seconds = Math.round((performance.now() - began) / 10) / 100;
  parts.log.info({ ...report, source: source.kind }, 'import done');
  return { ...report, rejectFile: report.rejected > 0 ? rejects.path : null };
}
