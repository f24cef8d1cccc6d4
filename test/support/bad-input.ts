import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { Test } from 'tap';

export type Bad = {
  why: string;
  ask: {
    method?: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';
    url: string;
    payload?: string | Buffer | object;
    type?: string;
    headers?: Record<string, string>;
  };
  status: number;
  code: string;
  pointer?: string;
};
const put = (payload: string | Buffer | object) => ({
  method: 'PUT' as const,
  url: '/items/image/a',
  payload,
});

/** What must be refused, and how. */
export const BAD: Bad[] = [
  { why: 'malformed JSON', ask: put('{"title":'), status: 400, code: 'malformed-json' },
  { why: 'an empty body', ask: put(''), status: 400, code: 'malformed-json' },
  {
    why: 'a taste without a text',
    ask: { method: 'PUT', url: '/users/u/taste', payload: { preferences: [{ likes: ['red'] }] } },
    ...{ status: 400, code: 'invalid-request', pointer: '/preferences/0/text' },
  },
  {
    why: 'a taste of nothing',
    ask: { method: 'PUT', url: '/users/u/taste', payload: { preferences: [] } },
    ...{ status: 400, code: 'invalid-request', pointer: '/preferences' },
  },
  {
    why: 'a way of re-ranking that there is not',
    ask: { url: '/users/u/recommendations?rerank=always' },
    ...{ status: 400, code: 'invalid-request', pointer: '/rerank' },
  },
  {
    why: 'a body that is not UTF-8',
    ask: put(Buffer.from([0x22, 0xff, 0xfe, 0x22])),
    status: 400,
    code: 'malformed-utf8',
  },
  { why: 'a body with __proto__', ask: put('{"__proto__":{"x":1}}'), status: 400, code: 'malformed-json' },
  {
    why: 'a constructor that poisons',
    ask: put('{"constructor":{"prototype":{}}}'),
    status: 400,
    code: 'malformed-json',
  },
  {
    why: 'an unknown field',
    ask: put({ titel: 'x' }),
    status: 400,
    code: 'invalid-request',
    pointer: '/titel',
  },
  {
    why: 'an unknown nested field',
    ask: put({ licence: { a: 1 } }),
    status: 400,
    code: 'invalid-request',
    pointer: '/licence/a',
  },
  {
    why: 'a number where a text belongs',
    ask: put({ title: 5 }),
    status: 400,
    code: 'invalid-request',
    pointer: '/title',
  },
  {
    why: 'a text where a number belongs',
    ask: put({ toxicity: '0.5' }),
    status: 400,
    code: 'invalid-request',
    pointer: '/toxicity',
  },
  { why: 'NaN in a vector', ask: put('{"vector":[1,NaN]}'), status: 400, code: 'malformed-json' },
  {
    why: 'infinity in a vector',
    ask: put('{"vector":[1,1e999]}'),
    status: 400,
    code: 'invalid-request',
    pointer: '/vector/1',
  },
  { why: 'NUL in a text', ask: put('{"title":"a\\u0000b"}'), status: 400, code: 'text-unclean' },
  { why: 'a lone surrogate in a text', ask: put('{"title":"a\\ud800b"}'), status: 400, code: 'text-unclean' },
  {
    why: 'a lone surrogate in a key',
    ask: put('{"attributes":{"\\udc00":1}}'),
    status: 400,
    code: 'text-unclean',
  },
  {
    why: 'a body nested ten thousand deep',
    ask: put(`{"attributes":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_001)}`),
    status: 400,
    code: 'text-unclean',
  },
  {
    why: 'a title of ten thousand characters',
    ask: put({ title: 'x'.repeat(10_000) }),
    status: 400,
    code: 'invalid-request',
    pointer: '/title',
  },
  {
    why: 'an array where an object belongs',
    ask: put([]),
    status: 400,
    code: 'invalid-request',
    pointer: '',
  },
  {
    why: 'a body past the limit',
    ask: put({ description: 'x'.repeat(1_100_000) }),
    status: 413,
    code: 'body-too-large',
  },
  {
    why: 'another content type',
    ask: { ...put('title=x'), type: 'application/x-www-form-urlencoded' },
    status: 415,
    code: 'unsupported-media-type',
  },
  {
    why: 'text/plain, which a foreign page may send unasked',
    ask: { method: 'POST', url: '/events', payload: '{"events":[]}', type: 'text/plain' },
    status: 415,
    code: 'unsupported-media-type',
  },
  {
    why: 'a compressed body',
    ask: { ...put('{}'), headers: { 'content-encoding': 'gzip' } },
    status: 415,
    code: 'unsupported-encoding',
  },
  {
    why: 'an id of ten thousand characters in a path',
    ask: { url: `/users/${'x'.repeat(10_000)}` },
    status: 400,
    code: 'invalid-request',
    pointer: '/id',
  },
  { why: 'NUL in a path', ask: { url: '/users/a%00b' }, status: 400, code: 'malformed-url' },
  {
    why: 'a lone surrogate in a path',
    ask: { url: '/users/a%ED%A0%80b' },
    status: 400,
    code: 'malformed-url',
  },
  {
    why: 'broken percent-encoding in a path',
    ask: { url: '/users/a%zz' },
    status: 400,
    code: 'malformed-url',
  },
  {
    why: 'broken percent-encoding in a query',
    ask: { url: '/users/a/recommendations?surface=%zz' },
    status: 400,
    code: 'malformed-url',
  },
  {
    why: 'NUL in a query',
    ask: { url: '/users/a/recommendations?tags=%00' },
    status: 400,
    code: 'malformed-url',
  },
  {
    why: 'an unknown query parameter',
    ask: { url: '/users/a/recommendations?limits=5' },
    status: 400,
    code: 'invalid-request',
    pointer: '/limits',
  },
  {
    why: 'a poisoning query parameter',
    ask: { url: '/users/a/recommendations?__proto__=5' },
    status: 400,
    code: 'invalid-request',
    pointer: '/__proto__',
  },
  {
    why: 'a limit of 101',
    ask: { url: '/users/a/recommendations?limit=101' },
    status: 400,
    code: 'invalid-request',
    pointer: '/limit',
  },
  {
    why: 'a limit that is no number',
    ask: { url: '/users/a/recommendations?limit=0x10' },
    status: 400,
    code: 'invalid-request',
    pointer: '/limit',
  },
  {
    why: 'a limit that is true',
    ask: { url: '/users/a/recommendations?limit=true' },
    status: 400,
    code: 'invalid-request',
    pointer: '/limit',
  },
  {
    why: 'two limits',
    ask: { url: '/users/a/recommendations?limit=1&limit=2' },
    status: 400,
    code: 'invalid-request',
    pointer: '/limit',
  },
  {
    why: 'a level between levels',
    ask: { url: '/users/a/recommendations?maxLevel=3' },
    status: 400,
    code: 'invalid-request',
    pointer: '/maxLevel',
  },
  {
    why: 'a kind there is not',
    ask: { url: '/items/video/a' },
    status: 400,
    code: 'invalid-request',
    pointer: '/kind',
  },
  {
    why: 'a tampered cursor',
    ask: { url: '/users/a/recommendations?cursor=abc' },
    status: 400,
    code: 'cursor-invalid',
    pointer: '/cursor',
  },
  {
    why: 'an expired cursor',
    ask: { url: '/users/a/recommendations?cursor=expired' },
    status: 410,
    code: 'cursor-expired',
  },
  {
    why: 'events that are no list',
    ask: { method: 'POST', url: '/events', payload: { events: {} } },
    status: 400,
    code: 'invalid-request',
    pointer: '/events',
  },
  {
    why: 'a thousand and one events',
    ask: { method: 'POST', url: '/events', payload: { events: Array(1001).fill({}) } },
    status: 400,
    code: 'invalid-request',
    pointer: '/events',
  },
  {
    why: 'no events',
    ask: { method: 'POST', url: '/events', payload: { events: [] } },
    status: 400,
    code: 'invalid-request',
    pointer: '/events',
  },
  {
    why: 'a search for nothing',
    ask: { method: 'POST', url: '/search', payload: {} },
    status: 400,
    code: 'invalid-request',
    pointer: '/text',
  },
  { why: 'an unknown item', ask: { url: '/items/image/nope/similar' }, status: 404, code: 'item-unknown' },
  { why: 'an unknown route', ask: { url: '/users/a/nothing' }, status: 404, code: 'route-unknown' },
  {
    why: 'a method nobody answers',
    ask: { method: 'PATCH', url: '/users/a' },
    status: 405,
    code: 'method-not-allowed',
  },
];

/** Asks, and holds the answer against the row: problem+json with its status, code and pointer. */
export async function refuses(
  t: Test,
  app: FastifyInstance,
  { ask, status, code, pointer }: Bad,
): Promise<void> {
  const { type = 'application/json', headers = {}, payload, ...rest } = ask;
  const answer = await unlessShed(() =>
    app.inject({
      ...rest,
      ...(payload === undefined ? {} : { payload }),
      headers: payload === undefined ? headers : { 'content-type': type, ...headers },
    }),
  );
  t.equal(answer.headers['content-type'], 'application/problem+json');
  const problem = answer.json();
  t.match(problem, {
    type: 'about:blank',
    status,
    code,
    requestId: answer.headers['x-request-id'] ?? String,
  });
  t.equal(answer.statusCode, status);
  if (pointer !== undefined) t.equal(problem.pointer, pointer);
  if (status === 405) t.equal(answer.headers.allow, 'DELETE, GET, PUT');
}

/** A busy machine sheds load: come again. */
async function unlessShed(ask: () => Promise<LightMyRequestResponse>): Promise<LightMyRequestResponse> {
  for (;;) {
    const answer = await ask();
    if (answer.statusCode !== 503) return answer;
    await sleep(200);
  }
}
