import { Type } from 'typebox';
import { problems } from '../../schemas/problem.ts';
import { TextByName } from '../../schemas/words.ts';
import type { VlmState } from '../vlm/index.ts';
import type { Routes } from './app-instance.ts';
import type { HttpParts } from './ports.ts';
import { problem, sendProblem } from './problem.ts';

const PATIENCE_MS = 2000;
const Live = Type.Object({ status: Type.String() });
const Ready = Type.Object({
  status: Type.String(),
  parts: TextByName,
  details: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: 'What is wrong with a part, in words, by part.',
    }),
  ),
});

const OF_A_MODEL: Partial<Record<VlmState, string>> = {
  'key-refused':
    'The vision-language model refuses VLM_API_KEY. Lists are served without it; it is asked again after five minutes.',
  resting: 'The vision-language model failed again and again. Lists are served without it for half a minute.',
};

/**
 * `live`: the process answers. `ready`: it can serve lists. Without the database it cannot; without the
 * vector index its lists are degraded and say so, and taking every replica away would serve nobody.
 */
export function healthRoutes(app: Routes, parts: HttpParts, draining: () => boolean): void {
  const config = { access: 'public', always: true } as const;

  app.get(
    '/health/live',
    {
      config,
      exposeHeadRoute: true,
      schema: {
        operationId: 'getLive',
        tags: ['operation'],
        summary: 'Whether the process answers.',
        security: [],
        response: { 200: Live },
      },
    },
    () => ({ status: 'live' }),
  );

  const check = oncePerSecond(async () => {
    const [database, vectors] = await Promise.all([
      answers(() => parts.db.pool.query('select 1')),
      answers(() => parts.vectors.count('image')),
    ]);
    return { database, vectors };
  });

  app.get(
    '/health/ready',
    {
      config,
      exposeHeadRoute: true,
      schema: {
        operationId: 'getReady',
        tags: ['operation'],
        summary: 'Whether lists can be served, part by part.',
        security: [],
        response: { 200: Ready, ...problems(503) },
      },
    },
    async (request, reply) => {
      const state = await check();
      // Lists come without it too.
      const model = parts.vlm && { vlm: parts.vlm.state() };
      const told = { ...state, ...model, server: draining() ? 'draining' : 'up' };
      const wrong = model && OF_A_MODEL[model.vlm];
      if (state.database === 'up' && !draining())
        return {
          ...{ status: state.vectors === 'up' ? 'ready' : 'degraded', parts: told },
          ...(wrong && { details: { vlm: wrong } }),
        };
      reply.header('retry-after', 1);
      return sendProblem(
        reply,
        problem(503, 'not-ready', 'Lists cannot be served now.', request.id, { parts: told }),
      );
    },
  );
}

async function answers(ask: () => Promise<unknown>): Promise<'up' | 'down'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'down'>((resolve) => {
    timer = setTimeout(() => resolve('down'), PATIENCE_MS);
  });
  const answered = ask().then(
    () => 'up' as const,
    () => 'down' as const,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

/** Probes from many sides cost one check. */
function oncePerSecond<T>(check: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | undefined;
  let at = 0;
  return () => {
    if (last === undefined || Date.now() - at > 1000) {
      at = Date.now();
      last = check();
    }
    return last;
  };
}
