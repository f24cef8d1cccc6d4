import { Type } from 'typebox';
import { Work, WorkList } from '../../../schemas/admin.ts';
import { guarded } from '../../../schemas/problem.ts';
import { KindWord, kindOf, Strict } from '../../../schemas/words.ts';
import type { Routes } from '../app-instance.ts';
import type { HttpParts } from '../ports.ts';
import { openTasks, type TaskName } from './tasks.ts';

const Query = Type.Object({ kind: Type.Optional({ ...KindWord, default: 'images' }) }, Strict);
const SUMMARY: Record<TaskName, string> = {
  reindex: 'Starts building a new vector collection from PostgreSQL; the old one serves until it is done.',
  sweep: 'Starts comparing the vector index with PostgreSQL and repairing what drifted.',
};
const OPERATION: Record<TaskName, string> = { reindex: 'startReindex', sweep: 'startSweep' };

export function maintenanceRoutes(app: Routes, { maintenance, log }: HttpParts): void {
  const config = { access: 'admin' } as const;
  const tasks = openTasks(maintenance, log);

  for (const task of ['reindex', 'sweep'] as const)
    app.post(
      `/admin/${task}`,
      {
        config,
        schema: {
          operationId: OPERATION[task],
          tags: ['admin'],
          summary: SUMMARY[task],
          querystring: Query,
          response: { 202: Work, ...guarded(409) },
        },
      },
      async (request, reply) =>
        reply.code(202).send(tasks.start(task, kindOf(request.query.kind ?? 'images'))),
    );

  app.get(
    '/admin/tasks',
    {
      config,
      schema: {
        operationId: 'listTasks',
        tags: ['admin'],
        summary: 'The last reindex and sweep of each kind in this process, and how far they are.',
        response: { 200: WorkList, ...guarded() },
      },
    },
    () => ({ tasks: tasks.list() }),
  );
}
