import type { Schemas } from '@qdrant/js-client-rest';
import type { ItemRef } from '../../catalog/types.ts';
import type { Point } from '../port.ts';
import { unitVector } from '../vector-check.ts';
import { olderThan, type StoredPayload } from './filter.ts';

/** Numbers in the vectors of one request: some 4 MB as JSON; Qdrant takes 32 MB. */
const FLOATS_A_REQUEST = 200_000;
const POINTS_A_REQUEST = 1_000;

export type Versioned = { id: ItemRef; version: number };
type Write = { version: number; point: Schemas['PointStruct']; floats: number };

/**
 * A point as Qdrant takes it: unit vectors of the collection's own spaces, the version in the payload.
 * @throws HamletError `vector-invalid` (400)
 */
export function pointWrite({ id, version, vectors, payload }: Point, spaces: Record<string, number>): Write {
  const vector: Record<string, number[]> = {};
  let floats = 0;
  for (const [space, values] of Object.entries(vectors)) {
    const dims = spaces[space];
    if (dims === undefined) continue;
    vector[space] = Array.from(unitVector(values, dims));
    floats += dims;
  }
  return { version, point: { id, vector, payload: { ...payload, version } satisfies StoredPayload }, floats };
}

/** A point without vectors, which no search finds, and with its version, which keeps older writes out. */
export const tombstoneWrite = ({ id, version }: Versioned): Write => ({
  version,
  point: { id, vector: {}, payload: { version } },
  floats: 0,
});

/**
 * Requests that bring the writes through the version gate: one upsert for each version, which Qdrant
 * applies only to points whose stored version is lower (conditional update, Qdrant 1.16). The gate is thus
 * the server's: a carrier that wakes up after its lease has passed to another changes nothing either.
 */
export function gatedRequests(writes: Write[]): Schemas['UpdateOperations'][] {
  const requests: Schemas['UpdateOperations'][] = [];
  for (const slice of slices(newestEach(writes))) {
    const byVersion = Map.groupBy(slice, ({ version }) => version);
    requests.push({
      operations: [...byVersion].map(([version, same]) => ({
        upsert: { points: same.map(({ point }) => point), update_filter: olderThan(version) },
      })),
    });
  }
  return requests;
}

function newestEach(writes: Write[]): Write[] {
  const newest = new Map<Schemas['ExtendedPointId'], Write>();
  for (const write of writes) {
    const known = newest.get(write.point.id);
    if (known === undefined || known.version < write.version) newest.set(write.point.id, write);
  }
  return [...newest.values()];
}

function* slices(writes: Write[]): Generator<Write[]> {
  let slice: Write[] = [];
  let floats = 0;
  for (const write of writes) {
    if (slice.length === POINTS_A_REQUEST || (slice.length > 0 && floats + write.floats > FLOATS_A_REQUEST)) {
      yield slice;
      [slice, floats] = [[], 0];
    }
    slice.push(write);
    floats += write.floats;
  }
  if (slice.length > 0) yield slice;
}
