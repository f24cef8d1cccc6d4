import type { Readable } from 'node:stream';
import { Type } from 'typebox';
import { guarded } from '../../../schemas/problem.ts';
import { NewTraining, Training, TrainingList, TrainingPath } from '../../../schemas/training.ts';
import { badInput } from '../../errors.ts';
import { W2W_KINDS } from '../../w2w/index.ts';
import type { Routes } from '../app-instance.ts';
import type { HttpParts } from '../ports.ts';
import { eventStream } from '../sse.ts';

/** Trainings on the sidecars: asked for, watched and cancelled here, carried out elsewhere. */
export function trainingRoutes(app: Routes, { trainings }: HttpParts, draining: () => boolean): void {
  const config = { access: 'admin' } as const;
  const tags = ['admin'];

  app.post(
    '/admin/trainings',
    {
      config,
      schema: {
        operationId: 'startTraining',
        tags,
        summary: 'Queues a training for a sidecar. 503 says how to start one where there is none.',
        body: NewTraining,
        response: { 202: Training, ...guarded() },
      },
    },
    async (request, reply) => {
      const { kind, spec } = request.body;
      const route = Object.hasOwn(W2W_KINDS, kind) ? W2W_KINDS[kind] : undefined;
      if (route !== undefined)
        throw badInput(
          'kind-has-a-route',
          `${route} starts this, and sees to the rights of what is used.`,
          '/kind',
        );
      const training = await trainings.start(kind, spec);
      return reply.code(202).header('location', `/admin/trainings/${training.id}`).send(training);
    },
  );

  app.get(
    '/admin/trainings',
    {
      config,
      schema: {
        operationId: 'listTrainings',
        tags,
        summary: 'The last 100 trainings, newest first.',
        response: { 200: TrainingList, ...guarded() },
      },
    },
    async () => ({ trainings: await trainings.list() }),
  );

  app.get(
    '/admin/trainings/:id',
    {
      config,
      schema: {
        operationId: 'getTraining',
        tags,
        summary: 'How far a training is, its figures now, and what came of it.',
        params: TrainingPath,
        response: { 200: Training, ...guarded(404) },
      },
    },
    (request) => trainings.get(request.params.id),
  );

  app.get(
    '/admin/trainings/:id/events',
    {
      config,
      schema: {
        operationId: 'getTrainingEvents',
        tags,
        summary: 'The same as server-sent events: at once, at each change, and once it is over.',
        params: TrainingPath,
        produces: ['text/event-stream'],
        response: {
          200: {
            description: 'Events `training`, each with a training as JSON.',
            content: { 'text/event-stream': { schema: Type.Unsafe<Readable>({ type: 'string' }) } },
          },
          ...guarded(404),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await trainings.get(id);
      const over = ({ finishedAt }: { finishedAt: string | null }) => finishedAt !== null;
      return reply
        .type('text/event-stream')
        .header('cache-control', 'no-store')
        .send(eventStream('training', () => trainings.get(id), over, draining));
    },
  );

  app.delete(
    '/admin/trainings/:id',
    {
      config,
      schema: {
        operationId: 'cancelTraining',
        tags,
        summary: 'Asks a training to end; it has within seconds. What is over stays as it is.',
        params: TrainingPath,
        response: { 202: Training, ...guarded(404) },
      },
    },
    async (request, reply) => reply.code(202).send(await trainings.cancel(request.params.id)),
  );
}
