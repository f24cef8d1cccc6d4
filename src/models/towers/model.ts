import type { ItemColumns } from '../../catalog/columns.ts';
import { type ItemKind, type ItemRef, KIND_CODE } from '../../catalog/types.ts';
import { type LearnedModels, openLearnedModels } from '../learned/keeper.ts';
import { openHistoryModel } from '../learned/model.ts';
import type { HistoryModel } from '../learned/types.ts';
import { readTowerArtifact, type TowerArtifact, TWO_TOWER } from './artifact.ts';
import { contentRows, type ReadContent, type ReadPictures } from './content.ts';
import { openSeeing } from './seeing.ts';

/** New items taken up at a time, so that lists do not wait behind them. */
const BATCH = 2048;
/** The same where each has a picture to be looked at first. */
const LOOKED_AT = 64;
/** How soon an item whose content was not there is looked at again; each time after twice as long, up to a day. */
const AGAIN_MS = 60_000;
const LONGEST_MS = 24 * 3_600_000;

type Columns = Pick<ItemColumns, 'refOf' | 'version' | 'size' | 'kind' | 'tagsOf'>;

const KINDS = Object.keys(KIND_CODE) as ItemKind[];

/**
 * Two towers over the catalogue, in a thread of their own. Items that the artifact has no vector of are taken up
 * by their content (`rejoin`), to be found and to be part of a history; those of other kinds, where it has learned
 * from histories of every kind, to be part of one alone.
 *
 * @param options.readPictures for an artifact that sees them by itself
 * @param options.waits `rejoin` ends when all new items are taken up, also where their pictures have to be looked at
 * @param options.againMs how soon an item whose content was not there is looked at again
 */
export function openTowerModel(
  artifact: TowerArtifact,
  columns: Columns,
  readContent: ReadContent = async () => new Map(),
  {
    readPictures = async () => new Map(),
    waits = true,
    againMs = AGAIN_MS,
  }: { readPictures?: ReadPictures; waits?: boolean; againMs?: number } = {},
): HistoryModel {
  const model = openHistoryModel(artifact, columns, new URL('./worker.ts', import.meta.url));
  const seeing = artifact.vision && openSeeing(artifact.vision, readContent, readPictures);
  const read = seeing?.read ?? readContent;
  const batch = seeing ? LOOKED_AT : BATCH;
  const later = new Map<ItemRef, { at: number; wait: number }>();
  let closed = false;
  let taking: Promise<void> | undefined;
  let failure: unknown;

  function putOff(item: ItemRef, now: number): void {
    const wait = Math.min(2 * (later.get(item)?.wait ?? againMs / 2), LONGEST_MS);
    later.set(item, { at: now + wait, wait });
  }

  /** Those that cannot be looked at wait for another time, so that they stand in nobody's way at the next one. */
  async function contentOf(some: ItemRef[], now: number) {
    const { items, rows } = await contentRows(artifact, columns, some, read).catch((error) => {
      for (const item of some) putOff(item, now);
      throw error;
    });
    const known = new Set(items);
    for (const item of some) known.has(item) ? later.delete(item) : putOff(item, now);
    return { items, rows };
  }

  async function takeUpNew(kind: ItemKind): Promise<void> {
    const now = Date.now();
    const named = kind === artifact.kind;
    const unknown = newItems(columns, kind, (item) => model.columnOf(item) < 0).filter(
      (item) => (later.get(item)?.at ?? 0) < now,
    );
    for (let start = 0; start < unknown.length && !closed; start += batch) {
      const some = unknown.slice(start, start + batch);
      const { items, rows } = await contentOf(some, now);
      if (items.length === 0) continue;
      const vectors: Float32Array | null = await model.thread.run({ content: rows, named });
      model.add({ items, vectors });
    }
  }

  async function takeUp(): Promise<void> {
    for (const kind of artifact.everyKind ? KINDS : [artifact.kind]) await takeUpNew(kind);
  }

  return {
    ...model,
    async rejoin() {
      await model.rejoin();
      if (artifact.item === null) return;
      if (seeing === null || waits) return takeUp();
      // Pictures are fetched: neither lists nor the next promotion wait for them. What failed is told at the next look.
      const failed = failure;
      failure = undefined;
      taking ??= takeUp()
        .catch((error) => {
          failure = error;
        })
        .finally(() => {
          taking = undefined;
        });
      if (failed !== undefined) throw failed;
    },
    async close() {
      closed = true;
      // First what looks at pictures: what is being taken up stops with it, and does not wait for somebody's server.
      await seeing?.close();
      await taking;
      await model.close();
    },
  };
}

function newItems({ size, kind }: Columns, wanted: ItemKind, isNew: (item: ItemRef) => boolean): ItemRef[] {
  const found: ItemRef[] = [];
  for (let item = 1; item < size; item++)
    if (kind[item] === KIND_CODE[wanted] && isNew(item)) found.push(item);
  return found;
}

/** The two towers in force of each kind of item. */
export const openTowerModels = ({
  columns,
  readContent,
  readPictures,
  ...parts
}: Omit<Parameters<typeof openLearnedModels>[0], 'family' | 'open'> & {
  columns: ItemColumns;
  readContent: ReadContent;
  readPictures: ReadPictures;
}): Promise<LearnedModels> =>
  openLearnedModels({
    ...parts,
    family: TWO_TOWER.name,
    async open(folder) {
      const artifact = await readTowerArtifact(folder);
      const model = openTowerModel(artifact, columns, readContent, { readPictures, waits: false });
      await model.rejoin();
      return model;
    },
  });
