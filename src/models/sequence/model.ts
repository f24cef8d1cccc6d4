import type { ItemColumns } from '../../catalog/columns.ts';
import { type LearnedModels, openLearnedModels } from '../learned/keeper.ts';
import { openHistoryModel } from '../learned/model.ts';
import type { HistoryModel } from '../learned/types.ts';
import { readSequenceArtifact, SASREC, type SequenceArtifact } from './artifact.ts';

/** A SASRec over the catalogue, in a thread of its own. */
export const openSequenceModel = (
  artifact: SequenceArtifact,
  columns: Pick<ItemColumns, 'refOf' | 'version'>,
): HistoryModel => openHistoryModel(artifact, columns, new URL('./worker.ts', import.meta.url));

/** The SASRec in force of each kind of item. */
export const openSequenceModels = ({
  columns,
  ...parts
}: Omit<Parameters<typeof openLearnedModels>[0], 'family' | 'open'> & {
  columns: ItemColumns;
}): Promise<LearnedModels> =>
  openLearnedModels({
    ...parts,
    family: SASREC.name,
    open: async (folder) => openSequenceModel(await readSequenceArtifact(folder), columns),
  });
