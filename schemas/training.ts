import { type TSchema, Type } from 'typebox';
import { Strict } from './words.ts';

/** For specs: `latest` becomes, when the training begins, the digest of the snapshot it is given. */
export const Snapshot = Type.String({ pattern: '^(latest|[0-9a-f]{64})$' });

/**
 * What may be asked of a sidecar: a spec for each kind of training, checked by the api when it is asked for
 * and by the sidecar before it runs. A kind that reads a snapshot has `snapshot: Snapshot` in its spec.
 */
export const TRAININGS: Record<string, TSchema> = {
  'embed-images': Type.Object(
    {
      pixels: Type.String({
        pattern: '^pixels-[0-9a-f]{32}$',
        description: 'Folder of squares of pixels under the artifacts.',
      }),
      model: Type.String({
        pattern: '^clip-[a-z0-9-]{1,90}$',
        description: 'Folder of a CLIP model under the artifacts.',
      }),
    },
    Strict,
  ),
};
