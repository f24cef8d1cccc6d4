import type { ItemInput, SafetyPolicy } from '../catalog/types.ts';
import { HamletError } from '../errors.ts';
import type { RejectedRow } from './rejects.ts';
import type { ImportParts, Reject, Source, Step } from './types.ts';

const ITEMS_A_PUT = 2_000;
const EVENTS_A_CALL = 20_000;

export type Placed = Step & { file: string };
export type BatchCounts = {
  accepted: number;
  duplicate: number;
  conflict: number;
  items: number;
  unchanged: number;
};

/**
 * Stores what a batch of rows says: people, items, then events. A row that cannot be stored is handed back
 * and takes nothing else with it; of a row whose item is refused no event is stored.
 */
export async function storeBatch(
  parts: ImportParts,
  source: Source,
  policy: SafetyPolicy,
  steps: Placed[],
): Promise<{ counts: BatchCounts; rejected: RejectedRow[] }> {
  const counts: BatchCounts = { accepted: 0, duplicate: 0, conflict: 0, items: 0, unchanged: 0 };
  const refused = new Map<Placed, Reject>();
  for (const step of steps) if (step.reject) refused.set(step, step.reject);
  await storeUsers(parts, steps, refused);
  await storeItems(parts, source, policy, steps, refused, counts);
  await storeEvents(parts, steps, refused, counts);
  await storeForeign(parts, steps, refused, counts);
  const rejected = [...refused].map(([{ row, file, line }, reject]) => ({ row, file, line, ...reject }));
  return { counts, rejected: rejected.sort((a, b) => a.row - b.row) };
}

async function storeUsers({ events }: ImportParts, steps: Placed[], refused: Map<Placed, Reject>) {
  for (const step of steps)
    for (const { id, ...given } of step.users ?? []) {
      try {
        await events.putUser(id, given);
      } catch (error) {
        if (!(error instanceof HamletError) || error.status !== 400) throw error;
        refused.set(step, { code: error.code, detail: error.message });
      }
    }
}

async function storeItems(
  { catalog }: ImportParts,
  source: Source,
  policy: SafetyPolicy,
  steps: Placed[],
  refused: Map<Placed, Reject>,
  counts: BatchCounts,
) {
  const named = new Map<string, { item: ItemInput; steps: Placed[] }>();
  for (const step of steps)
    for (const item of step.items ?? []) {
      // Rows that are not merged each say a whole item: a bad one must not stand in for a good one of its name.
      const fault = source.merge ? null : catalog.faultOf(item);
      if (fault) {
        refused.set(step, { code: fault.code, detail: fault.pointer });
        continue;
      }
      const key = `${item.kind}:${item.id}`;
      const known = named.get(key);
      if (known === undefined) named.set(key, { item, steps: [step] });
      else {
        known.item = source.merge ? source.merge(known.item, item) : item;
        known.steps.push(step);
      }
    }
  const entries = [...named.values()];
  const items = entries.map(({ item }) => item);
  const completed = source.complete ? await source.complete(items) : items;
  const wanted = completed.flatMap((item, index) =>
    item === null ? [] : [{ item, steps: entries[index]!.steps }],
  );
  counts.unchanged += completed.length - wanted.length;
  for (let from = 0; from < wanted.length; from += ITEMS_A_PUT) {
    const slice = wanted.slice(from, from + ITEMS_A_PUT);
    const results = await catalog.put(
      slice.map(({ item }) => item),
      policy,
    );
    results.forEach(({ status, code, pointer }, index) => {
      if (status === 'created' || status === 'updated') counts.items++;
      else if (status === 'unchanged') counts.unchanged++;
      else
        for (const step of slice[index]!.steps)
          refused.set(step, { code: code ?? 'item-invalid', detail: pointer });
    });
  }
}

async function storeEvents(
  { events }: ImportParts,
  steps: Placed[],
  refused: Map<Placed, Reject>,
  counts: BatchCounts,
) {
  const wanted = steps.flatMap((step) => (refused.has(step) ? [] : (step.events ?? [])));
  for (let from = 0; from < wanted.length; from += EVENTS_A_CALL) {
    const answer = await events.ingestImported(wanted.slice(from, from + EVENTS_A_CALL));
    counts.accepted += answer.accepted;
    counts.duplicate += answer.duplicate;
    counts.conflict += answer.conflict;
    // The parsers only let good events through; what is refused all the same must not go unseen.
    if (answer.rejected > 0) throw new Error(`${answer.rejected} events of the import's own making refused`);
  }
}

async function storeForeign(
  { events }: ImportParts,
  steps: Placed[],
  refused: Map<Placed, Reject>,
  counts: BatchCounts,
) {
  const foreign = steps.filter((step) => step.foreign !== undefined);
  for (let from = 0; from < foreign.length; from += EVENTS_A_CALL) {
    const slice = foreign.slice(from, from + EVENTS_A_CALL);
    const results = await events.ingest(slice.map((step) => step.foreign));
    results.forEach(({ status, code }, index) => {
      if (status === 'rejected') refused.set(slice[index]!, { code: code ?? 'event-invalid' });
      else counts[status]++;
    });
  }
}
