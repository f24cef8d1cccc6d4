import { guarded } from '../../../schemas/problem.ts';
import { NewSpace, Space, SpaceList, SpacePath } from '../../../schemas/w2w.ts';
import type { Routes } from '../app-instance.ts';
import type { HttpParts } from '../ports.ts';

/** Spaces of LoRA weights. How far one is, and its end, are those of the training of the same id. */
export function w2wSpaceRoutes(app: Routes, { w2w }: HttpParts): void {
  const config = { access: 'admin' } as const;
  const tags = ['admin'];

  app.post(
    '/admin/w2w/spaces',
    {
      config,
      schema: {
        ...{ operationId: 'buildSpace', tags },
        summary: 'Builds a space of the weights of every LoRA that may be in one, on a sidecar.',
        body: NewSpace,
        response: { 202: Space, ...guarded(422) },
      },
    },
    async (request, reply) => {
      const space = await w2w.startSpace(request.body);
      return reply.code(202).header('location', `/admin/w2w/spaces/${space.id}`).send(space);
    },
  );

  app.get(
    '/admin/w2w/spaces',
    {
      config,
      schema: {
        ...{ operationId: 'listSpaces', tags, summary: 'The last 100 spaces, newest first.' },
        response: { 200: SpaceList, ...guarded() },
      },
    },
    async () => ({ spaces: await w2w.listSpaces() }),
  );

  app.get(
    '/admin/w2w/spaces/:id',
    {
      config,
      schema: {
        ...{ operationId: 'getSpace', tags },
        summary: 'A space, its figures, and whether everything in it may still be there.',
        params: SpacePath,
        response: { 200: Space, ...guarded(404) },
      },
    },
    (request) => w2w.getSpace(request.params.id),
  );
}
