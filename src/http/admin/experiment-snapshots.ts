import { ExperimentSnapshot, SnapshotFilePath, SnapshotPath } from '../../../schemas/experiment-snapshot.ts';
import { guarded } from '../../../schemas/problem.ts';
import type { Routes } from '../app-instance.ts';
import { fileAnswer } from '../file-answer.ts';
import type { HttpParts } from '../ports.ts';

/** The data behind a report, so that it can be analysed again elsewhere. */
export function experimentSnapshotRoutes(app: Routes, { experiments }: HttpParts): void {
  const config = { access: 'admin' } as const;
  const tags = ['experiments'];

  app.get(
    '/admin/experiments/:key/snapshots/:digest',
    {
      config,
      schema: {
        ...{ operationId: 'getExperimentSnapshot', tags },
        summary: 'What a report was computed from: its files, their digests, what each column means.',
        params: SnapshotPath,
        response: { 200: ExperimentSnapshot, ...guarded(404) },
      },
    },
    (request) => experiments.snapshot(request.params.key, request.params.digest),
  );

  app.get(
    '/admin/experiments/:key/snapshots/:digest/:file',
    {
      config,
      schema: {
        ...{ operationId: 'getExperimentSnapshotFile', tags },
        summary: 'One of its files: people as Parquet, without their ids, or the report as JSON.',
        params: SnapshotFilePath,
        response: {
          200: fileAnswer('application/octet-stream', 'The bytes of the file.'),
          ...guarded(404),
        },
      },
    },
    async (request, reply) => {
      const { key, digest, file } = request.params;
      const { bytes, stream } = await experiments.snapshotFile(key, digest, file);
      return reply.type('application/octet-stream').header('content-length', bytes).send(stream);
    },
  );
}
