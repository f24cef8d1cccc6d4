import { type Static, Type } from 'typebox';

/** RFC 9457 problem details, the body of every error. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Always `about:blank`: `code` tells problems apart.' }),
    title: Type.String({ description: 'The status in words.' }),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable, in kebab-case.' }),
    detail: Type.String(),
    in: Type.Optional(Type.String({ description: 'Where `pointer` points into: body, query or path.' })),
    pointer: Type.Optional(Type.String({ description: 'JSON pointer (RFC 6901) to the field at fault.' })),
    errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
    parts: Type.Optional(
      Type.Unsafe<Record<string, string>>({ type: 'object', additionalProperties: { type: 'string' } }),
    ),
    requestId: Type.String({ description: 'Also in the header `x-request-id` and in the log.' }),
  },
  {
    $id: 'Problem',
    examples: [
      {
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        code: 'invalid-request',
        detail: '/limit must be <= 100',
        in: 'query',
        pointer: '/limit',
        requestId: '4f2b7f0e-6a53-4f55-8c1d-0d1f7a1f2a11',
      },
    ],
  },
);
export type Problem = Static<typeof Problem>;

const MEANING: Record<number, string> = {
  400: 'The request can never succeed as it is.',
  401: 'No key, or not a valid one.',
  403: 'The key lacks the scope or the browsing level.',
  404: 'Not there.',
  408: 'The request took too long to arrive.',
  409: 'Not now: the same work is already running, or the state does not allow it.',
  410: 'The cursor has expired.',
  413: 'The body is larger than this route takes.',
  415: 'Another content type or encoding than this route takes.',
  422: 'What it names is there, and cannot be used.',
  429: 'The key’s rate limit is used up, or too many wrong keys came from the address; see Retry-After.',
  500: 'A fault of the service; quote the request id.',
  503: 'Overloaded, or a part it needs is away; see Retry-After.',
};

/** Declares these problem answers on a route. */
export const problems = (...statuses: number[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: MEANING[status]!,
        content: { 'application/problem+json': { schema: Type.Ref('Problem#') } },
      },
    ]),
  );

/** What every route behind a key may answer. */
export const guarded = (...more: number[]) => problems(400, 401, 403, ...more, 429, 500, 503);
