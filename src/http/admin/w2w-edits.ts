import { guarded } from '../../../schemas/problem.ts';
import {
  DerivedPath,
  Direction,
  DirectionList,
  Edit,
  EditList,
  NewDirection,
  NewEdit,
} from '../../../schemas/w2w-edits.ts';
import type { Routes } from '../app-instance.ts';
import { fileAnswer } from '../file-answer.ts';
import type { HttpParts } from '../ports.ts';

const config = { access: 'admin' } as const;
const tags = ['admin'];

/** Directions of a space, and LoRAs edited along them. */
export function w2wEditRoutes(app: Routes, { w2wEdits }: HttpParts): void {
  app.post(
    '/admin/w2w/directions',
    {
      config,
      schema: {
        ...{ operationId: 'learnDirection', tags },
        summary: 'Learns from labels which way in a space an attribute lies, or says that it cannot be told.',
        body: NewDirection,
        response: { 202: Direction, ...guarded(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const direction = await w2wEdits.startDirection(request.body);
      return reply.code(202).header('location', `/admin/w2w/directions/${direction.id}`).send(direction);
    },
  );
  app.get(
    '/admin/w2w/directions',
    {
      config,
      schema: {
        ...{ operationId: 'listDirections', tags, summary: 'The last 100 directions, newest first.' },
        response: { 200: DirectionList, ...guarded() },
      },
    },
    async () => ({ directions: await w2wEdits.listDirections() }),
  );
  app.get(
    '/admin/w2w/directions/:id',
    {
      config,
      schema: {
        ...{ operationId: 'getDirection', tags, params: DerivedPath },
        summary: 'A direction, how well it tells LoRAs apart, and its cosines with earlier ones.',
        response: { 200: Direction, ...guarded(404) },
      },
    },
    (request) => w2wEdits.getDirection(request.params.id),
  );
  app.post(
    '/admin/w2w/edits',
    {
      config,
      schema: {
        ...{ operationId: 'editLora', tags },
        summary: 'Moves a LoRA along directions, and draws what that does.',
        body: NewEdit,
        response: { 202: Edit, ...guarded(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const edit = await w2wEdits.startEdit(request.body);
      return reply.code(202).header('location', `/admin/w2w/edits/${edit.id}`).send(edit);
    },
  );
  app.get(
    '/admin/w2w/edits',
    {
      config,
      schema: {
        ...{ operationId: 'listEdits', tags, summary: 'The last 100 edits, newest first.' },
        response: { 200: EditList, ...guarded() },
      },
    },
    async () => ({ edits: await w2wEdits.listEdits() }),
  );
  app.get(
    '/admin/w2w/edits/:id',
    {
      config,
      schema: {
        ...{ operationId: 'getEdit', tags, params: DerivedPath },
        summary: 'An edit, where it comes from, and the real LoRAs nearest to it.',
        response: { 200: Edit, ...guarded(404) },
      },
    },
    (request) => w2wEdits.getEdit(request.params.id),
  );
  file(app, w2wEdits, 'lora', { operationId: 'getEditedLora', type: 'application/octet-stream' });
  file(app, w2wEdits, 'preview', { operationId: 'getEditPreview', type: 'image/png' });
}

function file(
  app: Routes,
  w2wEdits: HttpParts['w2wEdits'],
  which: 'lora' | 'preview',
  { operationId, type }: { operationId: string; type: string },
): void {
  const summary =
    which === 'lora' ? 'The edited LoRA as safetensors.' : 'The grid over α, a row a prompt, as PNG.';
  app.get(
    `/admin/w2w/edits/:id/${which}`,
    {
      config,
      schema: {
        ...{ operationId, tags, summary, params: DerivedPath },
        response: {
          200: fileAnswer(type, summary),
          ...guarded(404, 409),
        },
      },
    },
    async (request, reply) => {
      const { bytes, stream } = await w2wEdits.editFile(request.params.id, which);
      return reply.type(type).header('content-length', bytes).send(stream);
    },
  );
}
