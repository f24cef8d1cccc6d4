import { ItemBody, ItemPath, PutItemAnswer, StoredItem } from '../../schemas/item.ts';
import { guarded } from '../../schemas/problem.ts';
import { kindOf } from '../../schemas/words.ts';
import type { SafetyPolicy } from '../catalog/types.ts';
import type { Config } from '../config.ts';
import { badInput, HamletError } from '../errors.ts';
import type { Routes } from './app-instance.ts';
import type { HttpParts } from './ports.ts';

/** Over HTTP nobody vouches for a whole batch: a level that is not stated is not known, or is to be found. */
export const httpPolicy = ({ PUT_SAFETY }: Pick<Config, 'PUT_SAFETY'>): SafetyPolicy => ({
  mode: PUT_SAFETY,
});
const NO_BODY = { type: 'null', description: 'Nothing to say.' } as const;

export function itemRoutes(app: Routes, { catalog, config }: HttpParts): void {
  app.put(
    '/items/:kind/:id',
    {
      config: { access: 'ingest' },
      schema: {
        operationId: 'putItem',
        tags: ['ingest'],
        summary: 'Creates an item or replaces what is known of it.',
        params: ItemPath,
        body: ItemBody,
        response: { 200: PutItemAnswer, 201: PutItemAnswer, ...guarded(413, 415) },
      },
    },
    async (request, reply) => {
      const kind = kindOf(request.params.kind);
      const { id } = request.params;
      const [result] = await catalog.put([{ ...request.body, kind, id }], httpPolicy(config));
      const { status, code = 'item-invalid', pointer } = result!;
      if (status === 'rejected') throw badInput(code, 'The item cannot be stored as it is.', pointer);
      return reply.code(status === 'created' ? 201 : 200).send({ kind, id, status });
    },
  );

  app.get(
    '/items/:kind/:id',
    {
      config: { access: 'ingest' },
      schema: {
        operationId: 'getItem',
        tags: ['ingest'],
        summary: 'The item as it is held, whatever its level, and how its safety was judged.',
        params: ItemPath,
        response: { 200: StoredItem, ...guarded(404) },
      },
    },
    async (request) => {
      const item = await catalog.get(kindOf(request.params.kind), request.params.id);
      if (item === null) throw itemUnknown();
      const { ref: _inside, ...told } = item;
      return told;
    },
  );

  app.delete(
    '/items/:kind/:id',
    {
      config: { access: 'ingest' },
      schema: {
        operationId: 'deleteItem',
        tags: ['ingest'],
        summary: 'Takes an item out: it is served nowhere from this moment.',
        params: ItemPath,
        response: { 204: NO_BODY, ...guarded(404) },
      },
    },
    async (request, reply) => {
      if (!(await catalog.remove(kindOf(request.params.kind), request.params.id))) throw itemUnknown();
      return reply.code(204).send(null);
    },
  );
}

const itemUnknown = () => new HamletError('item-unknown', 404, 'There is no such item.');
