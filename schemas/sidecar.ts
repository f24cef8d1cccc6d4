import { type Static, Type } from 'typebox';
import { OpenObject, Strict, words } from './words.ts';

/**
 * The contract between the api and its sidecars. `scripts/sidecar-contract.ts` writes it as JSON Schema into
 * the Python package, which checks what it is sent with that file and nothing else.
 */
export const CONTRACT = 'hamlet-jobs/1';

const PlainName = (options: object = {}) =>
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$', ...options });
const Count = (options: object = {}) => Type.Integer({ minimum: 1, maximum: 2 ** 53 - 1, ...options });
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** `POST /jobs`. The same id and attempt again changes nothing but the fence and the lease. */
export const JobRequest = Type.Object(
  {
    contract: Type.String({ maxLength: 100 }),
    id: PlainName({ description: 'Names the folder of checkpoints, which every attempt shares.' }),
    kind: PlainName(),
    spec: OpenObject({ description: 'What the kind asks for; paths in it are relative to the artifacts.' }),
    attempt: Count({ description: 'A higher one ends the attempt before.' }),
    fence: Count({ description: 'Of the lease its sender holds: a lower one than any before is refused.' }),
    leaseSeconds: Type.Number({
      minimum: 1,
      maximum: 86_400,
      description: 'The job ends itself when nobody with the right fence has asked for it that long.',
    }),
  },
  Strict,
);
export type JobRequest = Static<typeof JobRequest>;

export const JOB_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export const JobState = words(JOB_STATES);

export const JobFault = Type.Object({ code: Type.String(), message: Type.String() }, Strict);
export const Figures = Type.Unsafe<Record<string, number>>({
  type: 'object',
  additionalProperties: { type: 'number' },
});

/** `GET /jobs/:id`, and each event of `GET /jobs/:id/events`. */
export const JobStatus = Type.Object(
  {
    id: Type.String(),
    kind: Type.String(),
    attempt: Count(),
    state: JobState,
    progress: Type.Number({ minimum: 0, maximum: 1 }),
    metrics: Figures,
    log: Type.Array(Type.String(), { maxItems: 50, description: 'The last lines.' }),
    result: Type.Union([OpenObject(), Type.Null()]),
    error: Type.Union([JobFault, Type.Null()]),
  },
  Strict,
);
export type JobStatus = Static<typeof JobStatus>;

/** `GET /health`. */
export const SidecarHealth = Type.Object(
  {
    contract: Type.String(),
    device: words(['cpu', 'cuda']),
    deviceName: Type.String(),
    freeMemoryMB: Type.Number({ minimum: 0, description: 'Of the device the jobs run on.' }),
    kinds: Type.Array(Type.String()),
    running: Type.Integer({ minimum: 0 }),
    queued: Type.Integer({ minimum: 0 }),
  },
  Strict,
);
export type SidecarHealth = Static<typeof SidecarHealth>;

/** `manifest.json` of a snapshot. Its digest names the folder: sha256 over the files' names and digests. */
export const SnapshotManifest = Type.Object(
  {
    format: words(['hamlet-snapshot/1']),
    digest: Sha256,
    created: Type.String(),
    counts: Type.Object(
      { events: Type.Integer(), items: Type.Integer(), users: Type.Integer() },
      { additionalProperties: false },
    ),
    files: Type.Unsafe<Record<string, { sha256: string; bytes: number }>>({
      type: 'object',
      additionalProperties: Type.Object({ sha256: Sha256, bytes: Type.Integer({ minimum: 0 }) }, Strict),
    }),
  },
  Strict,
);
export type SnapshotManifest = Static<typeof SnapshotManifest>;
