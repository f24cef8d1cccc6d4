import { type Static, Type } from 'typebox';
import { ExperimentPath } from './experiment.ts';
import { NullableText, OpenObject, Strict, TextByName, words } from './words.ts';

const Digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Of the files’ names and digests.' });
const FileName = Type.String({
  pattern: '^[a-z0-9-]{1,40}\\.(parquet|json)$',
  examples: ['people-1.parquet'],
});

export const SnapshotPath = Type.Object({ ...ExperimentPath.properties, digest: Digest }, Strict);
export const SnapshotFilePath = Type.Object({ ...SnapshotPath.properties, file: FileName }, Strict);

/** `manifest.json` beside a report's data. */
export const ExperimentSnapshot = Type.Object({
  format: words(['hamlet-experiment/1']),
  digest: Digest,
  created: Type.String(),
  experiment: Type.String(),
  version: Type.Integer(),
  definition: OpenObject(),
  windows: Type.Array(
    Type.Object({
      file: Type.String({ description: 'A row a person; only these variants are compared in it.' }),
      from: Type.String(),
      until: Type.String(),
      variants: Type.Array(Type.String()),
      ended: NullableText,
    }),
  ),
  columns: { ...TextByName, description: 'What each column of those files means.' },
  files: Type.Unsafe<Record<string, { sha256: string; bytes: number }>>({
    type: 'object',
    additionalProperties: {
      type: 'object',
      required: ['sha256', 'bytes'],
      properties: { sha256: { type: 'string' }, bytes: { type: 'integer' } },
    },
  }),
});
export type ExperimentSnapshot = Static<typeof ExperimentSnapshot>;
