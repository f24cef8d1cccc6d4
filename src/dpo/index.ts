import type { Catalog } from '../catalog/index.ts';
import type { Database } from '../db/index.ts';
import type { ImageLoader } from '../images/index.ts';
import { type Published, publishAdapter, withdrawAdapter } from './adapters.ts';
import { type FileStream, openFile } from './files.ts';
import { writePool } from './pool.ts';
import { type PairsAsked, pairsSpec, type Spec, trainingSpec } from './specs.ts';

export { offerModel, SHIPPED } from './base-models.ts';
export { writePool } from './pool.ts';
export { pairsSpec, trainingSpec } from './specs.ts';

/** Aligning the generator: from the log to preference pairs, from pairs to an adapter, and what becomes of it. */
export type Dpo = {
  pairsSpec(asked: PairsAsked): Promise<Spec>;
  trainingSpec(pairs: string, options?: Spec): Promise<Spec>;
  /** Gives a job that asks for the latest pool the one of now. */
  prepare(
    spec: Spec,
    between: (part?: number) => Promise<void>,
  ): Promise<{ spec: Spec; dataset: string } | null>;
  file(artifact: string, file: string): Promise<FileStream>;
  publish(version: string): Promise<Published>;
  rollback(): Promise<Published>;
};

const SIDE = 64;

export function openDpo(parts: {
  db: Database;
  home: string;
  images: Pick<ImageLoader, 'load'>;
  catalog: Pick<Catalog, 'put' | 'remove'>;
  /** Folder of the CLIP model in force. */
  clip: string;
}): Dpo {
  const { db, home, clip } = parts;
  return {
    pairsSpec: (asked) => pairsSpec(db, home, clip, asked),
    trainingSpec: (pairs, options) => trainingSpec(home, clip, pairs, options),
    async prepare(spec, between) {
      if (spec.pool !== 'latest') return null;
      const side = typeof spec.side === 'number' ? spec.side : SIDE;
      const person = spec.source === 'user' && typeof spec.user === 'number' ? spec.user : null;
      const { folder, digest } = await writePool(parts, side, between, person);
      return { spec: { ...spec, pool: folder }, dataset: digest };
    },
    file: (artifact, file) => openFile(home, artifact, file),
    publish: (version) => publishAdapter(parts, version),
    rollback: () => withdrawAdapter(parts),
  };
}
