import { join } from 'node:path';
import { keepInForce, type ModelsInForce } from '../in-force.ts';
import type { HistoryModel } from './types.ts';

/** No person's number: 0 is that of everybody who has done nothing yet, and they are to be answered nothing. */
const NOBODY = { user: -1, seq: 0 };

export type LearnedModels = ModelsInForce<HistoryModel>;

/**
 * The model of one family in force of each kind of item.
 * @param parts.family artifacts are of kind `FAMILY-image` and `FAMILY-model`
 */
export const openLearnedModels = ({
  family,
  open,
  home,
  ...parts
}: Omit<Parameters<typeof keepInForce>[0], 'name' | 'artifactKind' | 'open' | 'refresh'> & {
  family: string;
  open: (folder: string) => Promise<HistoryModel>;
  home: string;
}): Promise<LearnedModels> =>
  keepInForce<HistoryModel>({
    ...parts,
    name: family,
    artifactKind: (kind) => `${family}-${kind}`,
    async open(kind, version) {
      const model = await open(join(home, 'artifacts', `${family}-${kind}-${version}`));
      // Its thread is up before anybody's list waits for it.
      await model.ask(NOBODY, Int32Array.of(0));
      return model;
    },
    refresh: (model) => model.rejoin(),
  });
