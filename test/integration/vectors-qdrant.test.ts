import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import t, { type Test } from 'tap';
import type { HamletError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { type CollectionSpec, carryChanges, type Point, reindex, sweep } from '../../src/vectors/index.ts';
import { openQdrant } from '../../src/vectors/qdrant.ts';
import { testCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { faultyProxy } from '../support/faulty-proxy.ts';
import { until } from '../support/own-server.ts';
import { newPrefix, qdrantServer } from '../support/qdrant-server.ts';

/** What can go wrong between Hamlet and Qdrant. */
t.setTimeout(600_000);
const SPEC: CollectionSpec = { kind: 'image', spaces: { text: 2 } };
const point = (id: number, version = 1): Point => ({
  ...{ id, version, vectors: { text: Float32Array.of(1, 0) } },
  payload: { level: 1, creator: 0, tags: [] },
});
const QUERY = { space: 'text', vector: Float32Array.of(1, 0), limit: 10 };
const away = { code: 'vectors-unavailable', status: 503, retryAfter: Number };

const shared = await qdrantServer(t);
async function behindProxy(t: Test) {
  const proxy = await faultyProxy(t, shared.url);
  const store = openQdrant({ url: proxy.url, prefix: newPrefix() }, silentLog);
  return { proxy, store };
}
const seconds = async (work: Promise<unknown>) => {
  const began = performance.now();
  await work.catch(() => {});
  return (performance.now() - began) / 1000;
};

t.test('killed and started again under load, Qdrant has what it acknowledged', async (t) => {
  const server = await qdrantServer(t);
  const store = openQdrant({ url: server.url }, silentLog);
  await store.open(SPEC);
  const acknowledged = new Set<number>();
  const outcomes = new Set<string>();
  let running = true;
  const writing = [0, 1, 2].map(async (writer) => {
    for (let n = 0; running; n++) {
      const ids = Array.from({ length: 20 }, (_, k) => 1 + writer + 3 * (20 * n + k));
      await store
        .upsert(
          'image',
          ids.map((id) => point(id)),
        )
        .then(
          () => {
            for (const id of ids) acknowledged.add(id);
          },
          (error: HamletError) => outcomes.add(`write ${error.code}`),
        );
    }
  });
  const searching = (async () => {
    while (running) {
      await store.search('image', [QUERY]).then(
        ([hits]) => outcomes.add(hits!.length === 10 ? 'found' : 'few found'),
        (error: HamletError) => outcomes.add(`search ${error.code}`),
      );
      await sleep(5);
    }
  })();
  for (let kill = 0; kill < 2; kill++) {
    const enough = acknowledged.size + 300;
    await until(() => acknowledged.size > enough);
    await server.kill();
    // Longer than a search is patient, shorter than a write is.
    await sleep(3000);
    await server.restart();
  }
  const end = acknowledged.size + 300;
  await until(() => acknowledged.size > end);
  running = false;
  await Promise.all([...writing, searching]);
  const stored = new Set((await store.scroll('image', 0, 1e6)).map(({ id }) => id));
  t.same(
    [...acknowledged].filter((id) => !stored.has(id)),
    [],
  );
  t.ok(outcomes.has('found') && outcomes.has('search vectors-unavailable'));
  // A write outlasts the three seconds; on a busy machine the restart may take longer than it is patient.
  const honest = ['found', 'few found', 'search vectors-unavailable', 'write vectors-unavailable'];
  t.same(
    [...outcomes].filter((outcome) => !honest.includes(outcome)),
    [],
  );
});

t.test('a burst of 429 is waited out, an endless one is a problem after two seconds', async (t) => {
  const { proxy, store } = await behindProxy(t);
  await store.open(SPEC);
  await store.upsert('image', [point(1)]);
  let refused = 0;
  const busy = (headers: Record<string, string>, times: number) => {
    proxy.fault = (request, response) => {
      request.resume();
      response.writeHead(429, headers).end('{"status":{"error":"Rate limiting exceeded"}}');
      if (++refused >= times) proxy.fault = undefined;
    };
  };
  busy({ 'content-type': 'application/json' }, 3);
  t.same(await store.search('image', [QUERY]), [[{ id: 1, score: 1 }]]);
  t.equal(refused, 3);
  busy({ 'retry-after': '1' }, 1);
  const took = await seconds(store.search('image', [QUERY]));
  t.ok(took >= 1, 'no sooner than it asked for');
  busy({}, Infinity);
  await t.rejects(store.search('image', [QUERY]), away);
  const gaveUp = await seconds(store.search('image', [QUERY]));
  t.ok(gaveUp < 2.5, `${gaveUp} s`);
});

t.test('a server that takes requests and says nothing costs two seconds, not minutes', async (t) => {
  const { proxy, store } = await behindProxy(t);
  await store.open(SPEC);
  proxy.fault = (request) => request.resume();
  await t.rejects(store.search('image', [QUERY]), away);
  t.ok((await seconds(store.search('image', [QUERY]))) < 2.5);
  proxy.fault = undefined;
  t.same(await store.search('image', [QUERY]), [[]]);
});

t.test('what is not Qdrant is said to be so, and nothing of its answers gets in', async (t) => {
  const { proxy, store } = await behindProxy(t);
  await store.open(SPEC);
  const answers: [number, string, RegExp][] = [
    [200, '<html>Welcome</html>', /does not answer as Qdrant/],
    [200, '{"result":null}', /does not answer as Qdrant/],
    [403, 'Forbidden', /does not accept VECTORS_API_KEY/],
    [400, '{"status":{"error":"Wrong input: no such thing"}}', /Qdrant: Wrong input: no such thing/],
    [404, '{"status":{"error":"Not found: Collection"}}', /no longer has the collection/],
    [502, 'Bad gateway', /Qdrant answered 502/],
  ];
  for (const [status, body, message] of answers) {
    proxy.fault = (request, response) => {
      request.resume();
      response
        .writeHead(status, { 'content-type': body[0] === '{' ? 'application/json' : 'text/html' })
        .end(body);
    };
    await t.rejects(store.search('image', [QUERY]), { ...away, message }, body);
  }
  proxy.fault = (request, response) => {
    request.resume();
    const points = [
      { id: 'a-uuid', score: 1 },
      { id: 7, score: 0.5 },
      { id: 8, score: null },
      { id: -1, score: 1 },
    ];
    response.writeHead(200).end(JSON.stringify({ result: [{ points }] }));
  };
  t.same(await store.search('image', [QUERY]), [[{ id: 7, score: 0.5 }]]);
});

t.test('an older Qdrant, which would not see a condition on a write, is refused', async (t) => {
  const { proxy, store } = await behindProxy(t);
  proxy.fault = (request, response) => {
    request.resume();
    if (request.url === '/') response.writeHead(200).end('{"title":"qdrant","version":"1.15.5"}');
    else response.writeHead(200).end('{"result":{"aliases":[]}}');
  };
  await t.rejects(store.open(SPEC), {
    code: 'vectors-too-old',
    message: /1\.16 or newer is needed, not 1\.15\.5/,
  });
});

t.test('opened while Qdrant is away, Hamlet starts at once and finds it when it comes', async (t) => {
  const server = await qdrantServer(t);
  await server.kill();
  const db = await testDatabase(t);
  const catalog = await testCatalog(db, 2);
  await catalog.put([{ kind: 'image', id: 'a', title: 'a', browsingLevel: 1, vector: [1, 0] }], {
    mode: 'unknown',
  });
  const store = openQdrant({ url: server.url }, silentLog);
  const began = performance.now();
  const carrier = await carryChanges(db, store, { spaces: { clip: 2 }, log: silentLog, pollMs: 50 });
  t.teardown(() => carrier.stop());
  t.ok(performance.now() - began < 2500);
  await t.rejects(store.search('image', [{ ...QUERY, space: 'clip' }]), away, 'unknown, not empty');
  for (const kind of ['image', 'model'] as const) await t.rejects(store.count(kind), away);
  await t.rejects(sweep(db, store, 'image'), away);
  await server.restart();
  const found = async () => {
    const answers = await store.search('image', [{ ...QUERY, space: 'clip' }]).catch(() => []);
    return answers[0]?.length === 1;
  };
  t.ok(await until(found), 'the carrier opened it and filled it');
});

t.test('the collections of a server that has lost them are made and filled anew', async (t) => {
  const db = await testDatabase(t);
  const catalog = await testCatalog(db, 2);
  await catalog.put([{ kind: 'image', id: 'a', title: 'a', browsingLevel: 1, vector: [1, 0] }], {
    mode: 'unknown',
  });
  const { proxy, store } = await behindProxy(t);
  const carrier = await carryChanges(db, store, { spaces: { clip: 2 }, log: silentLog, pollMs: 50 });
  t.teardown(() => carrier.stop());
  await carrier.drain();
  for (const kind of ['image', 'model'] as const) {
    const name = await store.open({ kind, spaces: { clip: 2 } });
    await fetch(`${proxy.url}/collections/${name}`, { method: 'DELETE' });
  }
  await t.rejects(store.search('image', [{ ...QUERY, space: 'clip' }]), away);
  t.ok(await until(async () => (await store.count('image').catch(() => 0)) === 1));
});

t.test('the API key reaches Qdrant and no log', async (t) => {
  const apiKey = 'a-secret-key';
  const server = await qdrantServer(t, { apiKey });
  let logged = '';
  const sink = new Writable({
    write(chunk, _, done) {
      logged += chunk;
      done();
    },
  });
  const log = pino({ level: 'trace' }, sink);
  const right = openQdrant({ url: server.url, apiKey }, log);
  await right.open(SPEC);
  t.equal(await right.count('image'), 0);
  const wrong = openQdrant({ url: server.url, apiKey: `${apiKey}-not` }, log);
  const error = await wrong.open(SPEC).catch((error: HamletError) => error);
  t.match(error, { code: 'vectors-unavailable', message: /does not accept VECTORS_API_KEY/ });
  log.error({ err: error }, 'failed');
  await right.activate('image', 'no-such').catch((err) => log.warn({ err }, 'failed'));
  t.match(logged, /travels unencrypted/);
  t.notMatch(logged, new RegExp(apiKey));
});

t.test('a build that was left half-way is removed a day later by whoever switches the alias', async (t) => {
  const prefix = newPrefix();
  const store = openQdrant({ url: shared.url, prefix }, silentLog);
  const serving = await store.open(SPEC);
  const collections = async () => {
    const { result } = (await (await fetch(`${shared.url}/collections`)).json()) as {
      result: { collections: { name: string }[] };
    };
    return result.collections.map(({ name }) => name).filter((name) => name.startsWith(prefix));
  };
  const left = [`${prefix}-image-20200101T000000-0a1b2c3d`, `${prefix}-model-20200101T000000-0a1b2c3d`];
  for (const name of [...left, `${prefix}-image-notes`])
    await fetch(`${shared.url}/collections/${name}`, {
      method: 'PUT',
      body: JSON.stringify({ vectors: { text: { size: 2, distance: 'Cosine' } } }),
    });
  const building = await store.create(SPEC);
  const next = await store.create(SPEC);
  await store.activate('image', next);
  t.same((await collections()).sort(), [building, left[1], `${prefix}-image-notes`, next].sort());
  t.notOk((await collections()).includes(serving));
});

t.test('a reindex by one replica is followed by the others', async (t) => {
  const db = await testDatabase(t);
  const catalog = await testCatalog(db, 2);
  const put = (id: string) =>
    catalog.put([{ kind: 'image', id, title: id, browsingLevel: 1, vector: [1, 0] }], { mode: 'unknown' });
  const at = { url: shared.url, prefix: newPrefix() };
  const [here, there] = [openQdrant(at, silentLog), openQdrant(at, silentLog)];
  for (const store of [here, there]) {
    const carrier = await carryChanges(db, store, { spaces: { clip: 2 }, log: silentLog, pollMs: 20 });
    t.teardown(() => carrier.stop());
  }
  await put('a');
  const finds = async (store: typeof here, count: number) =>
    (await store.search('image', [{ ...QUERY, space: 'clip' }]))[0]!.length === count;
  t.ok(await until(() => finds(there, 1)));
  for (let n = 2; n < 5; n++) {
    await reindex(db, here, 'image');
    t.ok(await finds(there, n - 1), 'at once, whole');
    await put(`more-${n}`);
    t.ok((await until(() => finds(there, n))) && (await finds(here, n)), 'what comes after it too');
  }
  t.equal(await there.count('image'), 4);
});
