import type { TSchema } from 'typebox';

/**
 * What may be asked of a sidecar: a spec for each kind of training, checked by the api when it is asked for
 * and by the sidecar before it runs. A kind that reads a snapshot has `snapshot: Snapshot` in its spec.
 */
export const TRAININGS: Record<string, TSchema> = {};
