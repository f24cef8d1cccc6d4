import { Readable } from 'node:stream';
import type { Static } from 'typebox';
import { BulkAnswer, ItemBatch, ItemBatchEnvelope, ItemLine } from '../../schemas/item.ts';
import { guarded } from '../../schemas/problem.ts';
import type { ItemInput } from '../catalog/types.ts';
import { HamletError } from '../errors.ts';
import type { Routes } from './app-instance.ts';
import { refuseEncoding } from './body.ts';
import { httpPolicy } from './items.ts';
import { type Line, linesOf } from './ndjson.ts';
import type { HttpParts } from './ports.ts';

const BODY_LIMIT = 50 * 1024 * 1024;
const BATCH = 500;
const FAILURES_TOLD = 1000;

const BODIES = {
  content: {
    'application/json': { schema: ItemBatch },
    'application/x-ndjson': { schema: ItemLine },
  },
};

/** In a context of its own: here, and only here, a body may be a stream of lines. */
export async function bulkItemRoutes(app: Routes, { catalog, config }: HttpParts): Promise<void> {
  app.addContentTypeParser(/^application\/(?:x-ndjson|ndjson|jsonl)$/u, (request, payload, done) => {
    refuseEncoding(request.headers['content-encoding']);
    if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT) return done(tooLarge(0), undefined);
    done(null, payload);
  });

  app.post(
    '/items',
    {
      config: { access: 'ingest', judgesElements: true, documentedBody: BODIES },
      schema: {
        operationId: 'postItems',
        tags: ['ingest'],
        summary:
          'Items in bulk: up to 50 MB of NDJSON, one a line, or a short JSON list. A bad one fails alone.',
        body: { content: { 'application/json': { schema: ItemBatchEnvelope } } },
        response: { 200: BulkAnswer, ...guarded(413, 415) },
      },
    },
    async (request) => {
      const answer = {
        lines: 0,
        created: 0,
        updated: 0,
        unchanged: 0,
        rejected: 0,
        failures: [] as Failure[],
      };
      let batch: { line: number; item: ItemInput }[] = [];

      const reject = (failure: Failure) => {
        answer.rejected++;
        if (answer.failures.length < FAILURES_TOLD) answer.failures.push(failure);
      };
      // Nothing more is read from the socket while a batch is being stored.
      const store = async () => {
        const results = await catalog.put(
          batch.map(({ item }) => item),
          httpPolicy(config),
        );
        results.forEach(({ status, code = 'item-invalid', pointer }, index) => {
          if (status === 'rejected') reject({ line: batch[index]!.line, code, pointer });
          else answer[status]++;
        });
        batch = [];
      };

      for await (const line of linesIn(request.body, () => tooLarge(answer.lines))) {
        answer.lines++;
        if ('code' in line) reject({ line: line.number, ...line });
        else batch.push({ line: line.number, item: line.value as ItemInput });
        if (batch.length === BATCH) await store();
      }
      if (batch.length > 0) await store();
      answer.failures.sort((a, b) => a.line - b.line);
      return answer;
    },
  );
}

function linesIn(body: unknown, tooLarge: () => Error): AsyncIterable<Line> | Line[] {
  if (body instanceof Readable) return linesOf(body, BODY_LIMIT, tooLarge);
  if (body === undefined)
    throw new HamletError('unsupported-media-type', 415, 'Send application/x-ndjson or application/json.');
  return (body as Static<typeof ItemBatchEnvelope>).items.map((value, index) => ({
    number: index + 1,
    value,
  }));
}

type Failure = { line: number; code: string; pointer?: string; detail?: string };

const tooLarge = (lines: number) =>
  new HamletError(
    'body-too-large',
    413,
    `At most ${BODY_LIMIT} bytes at once; about ${lines} lines were taken before that.`,
  );
