import type { Readable } from 'node:stream';
import { BulkAnswer, ItemLine } from '../../schemas/item.ts';
import { guarded } from '../../schemas/problem.ts';
import type { ItemInput } from '../catalog/types.ts';
import { HamletError } from '../errors.ts';
import type { Routes } from './app-instance.ts';
import { refuseEncoding } from './body.ts';
import { HTTP_POLICY } from './items.ts';
import { linesOf } from './ndjson.ts';
import type { HttpParts } from './ports.ts';

const BODY_LIMIT = 50 * 1024 * 1024;
const BATCH = 500;
const FAILURES_TOLD = 1000;

/** In a context of its own: here, and only here, a body is a stream of lines. */
export async function bulkItemRoutes(app: Routes, { catalog }: HttpParts): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(/^application\/(?:x-ndjson|ndjson|jsonl)$/u, (request, payload, done) => {
    refuseEncoding(request.headers['content-encoding']);
    if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT) return done(tooLarge(0), undefined);
    done(null, payload);
  });

  app.post(
    '/items',
    {
      config: { access: 'ingest', documentedBody: ItemLine, documentedBodyType: 'application/x-ndjson' },
      schema: {
        operationId: 'postItems',
        tags: ['ingest'],
        summary:
          'Items in bulk, one JSON object a line, up to 50 MB. A bad line fails alone; repeats are harmless.',
        response: { 200: BulkAnswer, ...guarded(413, 415) },
      },
    },
    async (request) => {
      if (request.body === undefined)
        throw new HamletError('unsupported-media-type', 415, 'Send items as application/x-ndjson.');
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
          HTTP_POLICY,
        );
        results.forEach(({ status, code = 'item-invalid', pointer }, index) => {
          if (status === 'rejected') reject({ line: batch[index]!.line, code, pointer });
          else answer[status]++;
        });
        batch = [];
      };

      for await (const line of linesOf(request.body as Readable, BODY_LIMIT, () => tooLarge(answer.lines))) {
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

type Failure = { line: number; code: string; pointer?: string; detail?: string };

const tooLarge = (lines: number) =>
  new HamletError(
    'body-too-large',
    413,
    `At most ${BODY_LIMIT} bytes at once; about ${lines} lines were taken before that.`,
  );
