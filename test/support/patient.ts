import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, InjectOptions } from 'fastify';

/** A machine that is busy with other tests sheds load, and well-behaved callers come again. */
export async function patientFetch(asked: string | URL | Request, init?: RequestInit): Promise<Response> {
  for (;;) {
    const answer = await fetch(asked instanceof Request ? asked.clone() : asked, init);
    if (answer.status !== 503 || codeOf(await answer.clone().text()) !== 'overloaded') return answer;
    await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1));
  }
}

export async function patientInject(app: Pick<FastifyInstance, 'inject'>, request: InjectOptions) {
  for (;;) {
    const answer = await app.inject(request);
    if (answer.statusCode !== 503 || codeOf(answer.body) !== 'overloaded') return answer;
    await sleep(500);
  }
}

const codeOf = (body: string): unknown => (JSON.parse(body) as { code?: unknown }).code;
