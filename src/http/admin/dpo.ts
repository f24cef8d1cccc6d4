import {
  AdapterPath,
  DpoFilePath,
  NewDpoTraining,
  NewPairs,
  PublishedAdapter,
} from '../../../schemas/dpo.ts';
import { guarded } from '../../../schemas/problem.ts';
import { Training } from '../../../schemas/training.ts';
import type { Routes } from '../app-instance.ts';
import { fileAnswer } from '../file-answer.ts';
import type { HttpParts } from '../ports.ts';

/** Aligning the generator: pairs and trainings are jobs on a sidecar, watched under /admin/trainings. */
export function dpoRoutes(app: Routes, { dpo, trainings }: HttpParts): void {
  const config = { access: 'admin' } as const;
  const tags = ['admin'];

  app.post(
    '/admin/dpo/pairs',
    {
      config,
      schema: {
        ...{ operationId: 'makePreferencePairs', tags },
        summary: 'Queues the making of preference pairs from the log or by a scorer.',
        body: NewPairs,
        response: { 202: Training, ...guarded(404, 422) },
      },
    },
    async (request, reply) => {
      const training = await trainings.start('make-dpo-pairs', await dpo.pairsSpec(request.body));
      return reply.code(202).header('location', `/admin/trainings/${training.id}`).send(training);
    },
  );

  app.post(
    '/admin/dpo/trainings',
    {
      config,
      schema: {
        ...{ operationId: 'trainByPreference', tags },
        summary: 'Queues Diffusion-DPO on such pairs; its result is an adapter and a verdict.',
        body: NewDpoTraining,
        response: { 202: Training, ...guarded() },
      },
    },
    async (request, reply) => {
      const { pairs, options } = request.body;
      const training = await trainings.start('train-dpo', await dpo.trainingSpec(pairs, options));
      return reply.code(202).header('location', `/admin/trainings/${training.id}`).send(training);
    },
  );

  app.get(
    '/admin/dpo/artifacts/:artifact/:file',
    {
      config,
      schema: {
        ...{ operationId: 'getDpoFile', tags },
        summary: 'A file of pairs (contact sheet, statistics) or of an adapter (weights, curves, grids).',
        params: DpoFilePath,
        response: {
          200: fileAnswer('application/octet-stream', 'The bytes of the file.'),
          ...guarded(404),
        },
      },
    },
    async (request, reply) => {
      const { bytes, stream } = await dpo.file(request.params.artifact, request.params.file);
      if (bytes !== null) reply.header('content-length', bytes);
      return reply.type('application/octet-stream').send(stream);
    },
  );

  app.post(
    '/admin/dpo/adapters/:version/publish',
    {
      config,
      schema: {
        ...{ operationId: 'publishAdapter', tags },
        summary: 'Puts an adapter in force: a model of the catalogue, in place of the one before.',
        params: AdapterPath,
        response: { 200: PublishedAdapter, ...guarded(404, 409) },
      },
    },
    (request) => dpo.publish(request.params.version),
  );

  app.post(
    '/admin/dpo/adapters/rollback',
    {
      config,
      schema: {
        ...{ operationId: 'rollbackAdapter', tags },
        summary: 'Takes the adapter in force out of the catalogue; the one before comes back.',
        response: { 200: PublishedAdapter, ...guarded(409) },
      },
    },
    () => dpo.rollback(),
  );
}
