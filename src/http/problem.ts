import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../../schemas/problem.ts';
import { translateDatabaseError } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Unknown } from './not-found.ts';
import { type Fault, faultsOf } from './validation.ts';

/** Fastify's own errors in Hamlet's words; what is missing here keeps its status and is `bad-request`. */
const FRAMEWORK_CODES: Record<string, { code: string; detail: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body-too-large', detail: 'The body is larger than this route takes.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported-media-type',
    detail: 'This route does not take a body of that content type.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'malformed-json', detail: 'The body is empty.' },
  FST_ERR_CTP_INVALID_JSON_BODY: {
    code: 'malformed-json',
    detail: 'The body is not JSON that can be taken.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'content-length-mismatch',
    detail: 'The body is not as long as Content-Length says.',
  },
  FST_ERR_BAD_URL: { code: 'malformed-url', detail: 'The path is not valid percent-encoded UTF-8.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'malformed-url', detail: 'A part of the path is too long.' },
};

export function problemOf(error: unknown, requestId: string): Problem {
  const known = translateDatabaseError(error);
  if (known instanceof HamletError)
    return problem(known.status, known.code, known.message, requestId, {
      ...(known.pointer === undefined ? {} : { pointer: known.pointer }),
    });
  const framework = known as Partial<FastifyError>;
  if (framework.validation) {
    const faults = faultsOf(framework.validation);
    return problem(400, 'invalid-request', sentence(faults), requestId, {
      in: PART[framework.validationContext ?? 'body'] ?? 'body',
      pointer: faults[0]?.pointer ?? '',
      errors: faults,
    });
  }
  const status = framework.statusCode;
  if (status !== undefined && status >= 400 && status < 500) {
    const words = FRAMEWORK_CODES[framework.code ?? ''];
    return problem(
      status,
      words?.code ?? 'bad-request',
      words?.detail ?? 'The request cannot be read.',
      requestId,
    );
  }
  return problem(500, 'internal', 'Something went wrong; quote the request id.', requestId);
}

const PART: Record<string, string> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

const sentence = (faults: Fault[]) =>
  faults[0] === undefined ? 'The request is not valid.' : `${faults[0].pointer} ${faults[0].detail}`.trim();

export function problem(
  status: number,
  code: string,
  detail: string,
  requestId: string,
  more: Partial<Problem> = {},
): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail,
    ...more,
    requestId,
  };
}

export function sendProblem(reply: FastifyReply, body: Problem): FastifyReply {
  return reply.code(body.status).type('application/problem+json').serializer(JSON.stringify).send(body);
}

/** The one place where an error becomes an answer. Faults of ours are logged whole and told to nobody. */
export const errorHandler =
  (log: Log, unknown: Unknown, count: (code: string) => void) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const body = problemOf(error, request.id);
    // Where there is no route, what is wrong with the body does not matter.
    if (request.is404 && body.status < 500) return unknown(request, reply);
    count(body.code);
    if (body.status >= 500) {
      const level = body.code === 'internal' ? 'error' : 'warn';
      log[level]({ err: error, requestId: request.id, route: request.routeOptions.url }, body.code);
    }
    if (body.status === 401) reply.header('www-authenticate', 'Bearer');
    if (error instanceof HamletError && error.retryAfter !== undefined)
      reply.header('retry-after', Math.ceil(error.retryAfter));
    else if (body.status === 503) reply.header('retry-after', 1);
    return sendProblem(reply, body);
  };
