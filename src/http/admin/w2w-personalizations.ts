import { guarded } from '../../../schemas/problem.ts';
import {
  DerivedPath,
  NewPersonalization,
  Personalization,
  PersonalizationList,
} from '../../../schemas/w2w-edits.ts';
import type { Routes } from '../app-instance.ts';
import type { HttpParts } from '../ports.ts';

/** From what a person likes to LoRAs that draw it. */
export function w2wPersonalizationRoutes(app: Routes, { w2wEdits }: HttpParts): void {
  const config = { access: 'admin' } as const;
  const tags = ['admin'];

  app.post(
    '/admin/w2w/personalizations',
    {
      config,
      schema: {
        ...{ operationId: 'personalize', tags },
        summary: 'Liked pictures → taste → labels → directions → edited LoRAs → pictures and a verdict.',
        body: NewPersonalization,
        response: { 202: Personalization, ...guarded(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const begun = await w2wEdits.startPersonalization(request.body.userId, request.body.space);
      return reply.code(202).header('location', `/admin/w2w/personalizations/${begun.id}`).send(begun);
    },
  );
  app.get(
    '/admin/w2w/personalizations',
    {
      config,
      schema: {
        ...{ operationId: 'listPersonalizations', tags },
        summary: 'The last 100 personalizations, newest first, without which LoRAs were labelled.',
        response: { 200: PersonalizationList, ...guarded() },
      },
    },
    async () => ({ personalizations: await w2wEdits.listPersonalizations() }),
  );
  app.get(
    '/admin/w2w/personalizations/:id',
    {
      config,
      schema: {
        ...{ operationId: 'getPersonalization', tags, params: DerivedPath },
        summary: 'How far it is, and what each step found.',
        response: { 200: Personalization, ...guarded(404) },
      },
    },
    (request) => w2wEdits.getPersonalization(request.params.id),
  );
  app.delete(
    '/admin/w2w/personalizations/:id',
    {
      config,
      schema: {
        ...{ operationId: 'cancelPersonalization', tags, params: DerivedPath },
        summary: 'Ends it after the step that it is in; what its steps found stays.',
        response: { 202: Personalization, ...guarded(404) },
      },
    },
    async (request, reply) => reply.code(202).send(await w2wEdits.cancelPersonalization(request.params.id)),
  );
}
