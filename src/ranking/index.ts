import type { Database } from '../db/index.ts';
import { writeImpressions } from './impressions.ts';

export { writeImpressions } from './impressions.ts';

type Spec = Record<string, unknown>;

/** Gives a training that asks for the latest impressions those of now. */
export const prepareImpressions =
  (parts: { db: Database; home: string }) =>
  async (spec: Spec, between: () => Promise<void>): Promise<{ spec: Spec; dataset: string } | null> => {
    if (spec.impressions !== 'latest') return null;
    const { folder, dataset } = await writeImpressions(
      parts,
      spec.items === 'model' ? 'model' : 'image',
      between,
    );
    return { spec: { ...spec, impressions: folder }, dataset };
  };
