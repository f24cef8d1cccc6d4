import { Readable } from 'node:stream';
import t from 'tap';
import type { ItemInput } from '../../../src/catalog/types.ts';
import { buildHttp } from '../../../src/http/index.ts';
import { linesOf } from '../../../src/http/ndjson.ts';
import { fakeParts } from '../../support/fakes.ts';
import { portOf, rawExchange } from '../../support/raw-http.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const line = (id: number, more = {}) => JSON.stringify({ kind: 'image', id: `i${id}`, ...more });

t.test('each line is an item; bad lines fail alone and are named by their number', async (t) => {
  const { parts, items } = fakeParts();
  const app = await buildHttp(parts);
  t.teardown(() => app.close());
  const payload = [
    line(1),
    '',
    'not json',
    line(2),
    '[1]',
    '{"kind":"image"}',
    line(1),
    `  ${line(3)}\r`,
  ].join('\n');
  const answer = await app.inject({ method: 'POST', url: '/items', headers: NDJSON, payload });
  t.equal(answer.statusCode, 200);
  t.match(answer.json(), { lines: 7, created: 3, updated: 1, unchanged: 0, rejected: 3 });
  t.same(
    answer.json().failures.map(({ line, code }: { line: number; code: string }) => [line, code]),
    [
      [3, 'malformed-json'],
      [5, 'item-invalid'],
      [6, 'text-expected'],
    ],
  );
  t.same([...items.keys()], ['image:i1', 'image:i2', 'image:i3']);
});

t.test('a short list comes as JSON, each element judged by itself', async (t) => {
  const { parts, items } = fakeParts();
  const app = await buildHttp(parts);
  t.teardown(() => app.close());
  const payload = { items: [{ kind: 'image', id: 'a' }, null, { kind: 'model', id: 'b' }] };
  const answer = await app.inject({ method: 'POST', url: '/items', payload });
  t.match(answer.json(), { lines: 3, created: 2, rejected: 1, failures: [{ line: 2 }] });
  t.same([...items.keys()], ['image:a', 'model:b']);
  t.equal((await app.inject({ method: 'POST', url: '/items', payload: {} })).statusCode, 400);
});

t.test('lines are taken in bulk only, and other content types nowhere', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  t.equal(
    (await app.inject({ method: 'PUT', url: '/items/image/a', headers: NDJSON, payload: '{}' })).statusCode,
    415,
  );
  t.equal((await app.inject({ method: 'POST', url: '/items' })).statusCode, 415, 'no body is none of ours');
});

t.test('nothing more is read while a batch is being stored', async (t) => {
  const { parts } = fakeParts();
  let storing = 0;
  let most = 0;
  const batches: number[] = [];
  parts.catalog.put = async (given) => {
    storing++;
    most = Math.max(most, storing);
    batches.push(given.length);
    await new Promise((go) => setTimeout(go, 5));
    storing--;
    return given.map(() => ({ ref: 1, status: 'created' as const }));
  };
  const app = await buildHttp(parts);
  t.teardown(() => app.close());
  const payload = Array.from({ length: 2345 }, (_, i) => line(i)).join('\n');
  const answer = await app.inject({ method: 'POST', url: '/items', headers: NDJSON, payload });
  t.equal(answer.json().created, 2345);
  t.equal(most, 1);
  t.same(batches, [500, 500, 500, 500, 345]);
});

t.test('a stream past 50 MB is cut off with 413 on a real connection', async (t) => {
  const { parts } = fakeParts();
  let stored = 0;
  parts.catalog.put = async (given: readonly ItemInput[]) => {
    stored += given.length;
    return given.map(() => ({ ref: 1, status: 'created' as const }));
  };
  const app = await buildHttp(parts);
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  t.ok(portOf(app) > 0);
  const text = `${line(1, { description: 'x'.repeat(9_900) })}\n`.repeat(100);
  const chunk = `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
  const answer = await rawExchange(app, async (socket) => {
    socket.write(
      'POST /items HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    for (let mb = 0; mb < 60 && socket.writable; mb++)
      if (!socket.write(chunk))
        await Promise.race([
          new Promise((go) => socket.once('drain', go)),
          new Promise((go) => setTimeout(go, 500)),
        ]);
    socket.end('0\r\n\r\n');
  });
  t.match(answer, /^HTTP\/1\.1 413 /u);
  t.match(answer, /"code":"body-too-large"/u);
  t.ok(stored > 4000 && stored < 5400, `${stored} lines were stored before the limit`);
});

t.test('a declared length past 50 MB is refused before the first line', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  const headers = { ...NDJSON, 'content-length': String(60 * 1024 * 1024) };
  const answer = await app.inject({
    method: 'POST',
    url: '/items',
    headers,
    payload: Readable.from([line(1)]),
  });
  t.equal(answer.statusCode, 413);
});

t.test('lines are the same however the bytes are cut', async (t) => {
  const text = Buffer.from(`${line(1, { title: 'é😀' })}\n\n${line(2)}\n{"a":\n${line(3)}`);
  const whole = await collect(Readable.from([text]));
  t.equal(whole.length, 4);
  for (let size = 1; size < 40; size++) {
    const parts = [];
    for (let at = 0; at < text.length; at += size) parts.push(text.subarray(at, at + size));
    t.same(await collect(Readable.from(parts)), whole);
  }
});

t.test('a line past 1 MiB is passed over at constant memory and the next one is read', async (t) => {
  const long = Array.from({ length: 40 }, () => Buffer.alloc(100_000, 'x'));
  const lines = await collect(Readable.from([...long, Buffer.from(`\n${line(2)}`)]));
  t.match(lines, [
    { number: 1, code: 'line-too-long' },
    { number: 2, value: { id: 'i2' } },
  ]);
});

async function collect(body: Readable) {
  const lines = [];
  for await (const one of linesOf(body, 1e9, () => new Error('too large'))) lines.push(one);
  return lines;
}
