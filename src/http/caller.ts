import { OwnKey } from '../../schemas/admin.ts';
import { guarded } from '../../schemas/problem.ts';
import type { Routes } from './app-instance.ts';

/** So that a client can say beforehand what its key may not do. */
export function callerRoute(app: Routes): void {
  app.get(
    '/key',
    {
      config: { access: 'any-key' },
      schema: {
        ...{ operationId: 'getOwnKey', tags: ['operation'] },
        summary: 'What the key that asks may do.',
        response: { 200: OwnKey, ...guarded() },
      },
    },
    ({ caller: { scopes, maxLevel } }) => ({ scopes: [...scopes], maxLevel }),
  );
}
