import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import ts from 'typescript';
import { silentLog } from '../../src/log.ts';
import type { Point, VectorFilter } from '../../src/vectors/index.ts';
import { openQdrant } from '../../src/vectors/qdrant.ts';
import { type Exchange, faultyProxy } from '../support/faulty-proxy.ts';
import { clusteredVectors, randomOf } from '../support/planted-vectors.ts';
import { newPrefix, qdrantPython, qdrantServer } from '../support/qdrant-server.ts';

/**
 * What passes between Hamlet and the test server in a life of a collection, held against two judges: the
 * types that the client generates from Qdrant's OpenAPI, and Qdrant's second implementation of itself.
 */
const SCHEMA = resolve('node_modules/@qdrant/js-client-rest/dist/types/openapi/generated_schema.js');
const LOCAL_MODE = resolve(import.meta.dirname, '../support/qdrant/local_mode.py');
const SPACES = { text: 8, clip: 4 };
const TAGS = ['fox', 'owl', 'elk', 'yak'];

t.setTimeout(300_000);
const exchanges = await aWholeLife(t);

t.test('requests and answers are what Qdrant’s OpenAPI says', async (t) => {
  t.ok(exchanges.length > 60);
  t.same(typeErrors(t, exchanges), []);
  const { body, ...search } = exchanges.find(({ path }) => path.endsWith('/query/batch'))!;
  const [first] = (body as { searches: object[] }).searches;
  const misspelt = { ...search, body: { searches: [{ ...first, limits: 3 }] } };
  t.match(typeErrors(t, [misspelt]), [/limits/], 'a field that Qdrant has not is noticed');
  const count = exchanges.find(({ path }) => path.endsWith('/count'))!;
  const wrong = { ...count, answer: { result: { count: '3' } } };
  t.match(typeErrors(t, [wrong]), [/'string' is not assignable to type 'number'/], 'so is a wrong answer');
});

t.test('Qdrant’s second implementation answers the same', async (t) => {
  const asked = exchanges.map(({ method, path, body }) => ({ method, path, body }));
  const output = execFileSync(await qdrantPython(), [LOCAL_MODE], {
    input: JSON.stringify(asked),
    maxBuffer: 1 << 26,
  });
  const theirs = JSON.parse(String(output)) as unknown[];
  const compared = { query: 0, scroll: 0, count: 0, points: 0 };
  for (const [i, { path, answer }] of exchanges.entries()) {
    const kind = /\/points\/?(query|scroll|count)?(\/batch)?(\?.*)?$/.exec(path);
    if (!kind || theirs[i] === null) continue;
    const ours = (answer as { result: unknown }).result;
    t.equal(difference(ours, theirs[i]), undefined, path);
    compared[(kind[1] ?? 'points') as keyof typeof compared]++;
  }
  t.ok(compared.query >= 40 && compared.scroll >= 3 && compared.count >= 2 && compared.points >= 2);
});

/** Writes, stale writes, tombstones, a switch, and reads with every condition. */
async function aWholeLife(t: Test): Promise<Exchange[]> {
  const proxy = await faultyProxy(t, (await qdrantServer(t)).url);
  const store = openQdrant({ url: proxy.url, prefix: newPrefix() }, silentLog);
  const spec = { kind: 'image' as const, spaces: SPACES };
  await store.open(spec);
  const random = randomOf(5);
  const some = (n: number) => Math.floor(random() * n);
  // Each is used once: no two scores are equal, so the order is the same for everyone.
  const vectors = clusteredVectors({ count: 3000, dims: 8, clusters: 9, seed: 5 });
  const vector = () => vectors.pop()!;
  const fresh = (): Point => ({
    ...{ id: 1 + some(250), version: 1 + some(6) },
    vectors: { text: vector(), ...(random() < 0.5 && { clip: vector().slice(0, 4) }) },
    payload: {
      level: [0, 1, 2, 4, 8, 16, 32][some(7)]!,
      creator: some(9),
      tags: TAGS.filter(() => random() < 0.4),
    },
  });
  const fill = async (name?: string) => {
    for (let batch = 0; batch < 6; batch++) {
      await store.upsert('image', Array.from({ length: 80 }, fresh), name);
      const removed = Array.from({ length: 8 }, () => ({ id: 1 + some(250), version: 1 + some(6) }));
      await store.remove('image', removed, name);
    }
  };
  const read = async () => {
    for (let n = 0; n < 25; n++) {
      const filter: VectorFilter = {
        ...(random() < 0.6 && { maxLevel: [1, 2, 4, 8, 16][some(5)]! }),
        ...(random() < 0.5 && { tags: TAGS.filter(() => random() < 0.5) }),
        ...(random() < 0.4 && { notCreators: [some(9), some(9)] }),
        ...(random() < 0.4 && { notIds: Array.from({ length: 30 }, () => 1 + some(250)) }),
      };
      const clip = { space: 'clip', vector: vector().slice(0, 4), limit: 4 };
      await store.search('image', [{ space: 'text', vector: vector(), limit: 12, filter }, clip]);
    }
    await store.vectors('image', 'text', [1, 2, 3, 4, 5, 6, 7, 8, 9, 1e6]);
    await store.vectors('image', 'clip', [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await store.count('image');
    for (let after = 0; after < 200; after += 100) await store.scroll('image', after, 50);
  };
  await fill();
  await read();
  const next = await store.create(spec);
  await fill(next);
  await store.activate('image', next);
  await read();
  return proxy.exchanges;
}

/** What the compiler has against the exchanges when they are written down as TypeScript. */
function typeErrors(t: Test, exchanges: Exchange[]): string[] {
  const lines = [
    `import type { components, paths } from ${JSON.stringify(SCHEMA)};`,
    "type Json<T> = T extends { content: { 'application/json': infer J } } ? J : never;",
    'type Body<O> = O extends { requestBody?: infer B } ? Json<NonNullable<B>> : never;',
    'type Answer<O> = O extends { responses: { 200: infer A } } ? Json<A> : never;',
  ];
  let names = 0;
  const hold = (type: string, value: unknown) =>
    lines.push(`export const v${names++}: ${type} = ${JSON.stringify(value)};`);
  for (const { method, path, body, answer, status } of exchanges) {
    if (status !== 200) throw new Error(`${method} ${path} was answered ${status}`);
    const template = path
      .replace(/\?.*/, '')
      .replace(/^\/collections\/(?!aliases)[^/]+/, '/collections/{collection_name}');
    const operation = `paths['${template}']['${method.toLowerCase()}']`;
    if (body !== undefined) hold(`Body<${operation}>`, body);
    hold(`Answer<${operation}>`, answer);
    // The generated types let anything pass for these where they are optional.
    for (const [field, type] of Object.entries({
      filter: 'Filter',
      update_filter: 'Filter',
      params: 'SearchParams',
    }))
      for (const part of partsNamed(field, body)) hold(`components['schemas']['${type}']`, part);
  }
  const file = join(t.testdir({ 'exchanges.ts': lines.join('\n') }), 'exchanges.ts');
  const program = ts.createProgram([file], {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [] },
    ...{ module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ESNext },
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

function partsNamed(field: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [
    ...(key === field && part !== undefined ? [part] : []),
    ...partsNamed(field, part),
  ]);
}

/** Nothing but the servers' own counters and the last digits of a float may differ. */
const OWN = ['version', 'order_value', 'shard_key'];
function difference(one: unknown, other: unknown, at = ''): string | undefined {
  if (typeof one === 'number' && typeof other === 'number' && Math.abs(one - other) < 1e-5) return undefined;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return Object.is(one, other) ? undefined : `${at}: ${String(one)}, not ${String(other)}`;
  const fields = [...Object.entries(one), ...Object.entries(other)]
    .filter(([key, part]) => part !== null && (at.endsWith('/payload') || !OWN.includes(key)))
    .map(([key]) => key);
  for (const key of new Set(fields)) {
    const [ours, theirs] = [one, other].map((side) => (side as Record<string, unknown>)[key]);
    const found = difference(ours, theirs, `${at}/${key}`);
    if (found) return found;
  }
  return undefined;
}
