import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { startApi } from '../support/api-process.ts';
import { until } from '../support/own-server.ts';
import { patientFetch } from '../support/patient.ts';
import { qdrantServer } from '../support/qdrant-server.ts';

/** A whole api on Qdrant, which is killed and comes back while lists are asked for. */
type Answer = {
  items: { id: string; sources: string[] }[];
  degraded: { stage: string; code: string }[];
  versions: Record<string, string>;
};
/** Milliseconds: a source has 40, search 500, and the machine may be busy. */
const PROMPT = 1500;

const json = (method: string, body: object): RequestInit => ({
  ...{ method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
});

t.setTimeout(600_000);
t.test('with Qdrant away lists are degraded and say so; when it is back nothing is lost', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'hamlet-qdrant-away-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true, maxRetries: 10 }));
  const server = await qdrantServer(t);
  const api = await startApi(home, {
    VECTORS_URL: server.url,
    DEMO_WORLD: 'small',
    GRAPH_REFRESH_MINUTES: '0',
  });
  t.teardown(() => api.stop());

  let slowest = 0;
  const ask = async (path: string, init?: RequestInit): Promise<Answer> => {
    const began = performance.now();
    const answer = await patientFetch(api.url + path, init);
    slowest = Math.max(slowest, performance.now() - began);
    const body = await answer.json();
    t.ok(answer.ok, `${answer.status} ${path}`);
    return body as Answer;
  };
  const listOf = (person: number) => ask(`/users/user-${person}/recommendations?limit=100`);
  const search = (text: string) => ask('/search', json('POST', { text, limit: 20 }));
  const isWhole = async (person: number) => (await listOf(person)).degraded.length === 0;

  t.ok(await until(() => isWhole(1)), 'whole');
  const list = await listOf(1);
  t.equal(list.versions.vectors, 'qdrant');
  t.ok(list.items.some(({ sources }) => sources.includes('taste')));
  const found = await search('castle');
  t.ok(found.items.length > 0);

  await server.kill();
  slowest = 0;
  // People who were not asked about before: what was asked a moment ago is still in memory.
  for (let person = 20; person < 30; person++) {
    const { items, degraded } = await listOf(person);
    t.ok(items.length > 20, 'a list all the same');
    t.match(degraded, [{ stage: 'taste', code: /^(deadline|vectors-unavailable)$/ }]);
  }
  t.match((await search('a harbour at night')).degraded, [{ stage: 'search' }]);
  t.ok(slowest < PROMPT, `the slowest answer took ${Math.round(slowest)} ms`);
  t.match(await ask('/health/ready'), { status: 'degraded', parts: { vectors: 'down' } });
  const lamp = { title: 'zeppelin', prompt: 'zeppelin zeppelin zeppelin', browsingLevel: 1 };
  await ask('/items/image/put-while-away', json('PUT', lamp));
  await fetch(`${api.url}/items/image/${found.items[0]!.id}`, { method: 'DELETE' });

  await server.restart();
  const hasNew = async () => (await search('zeppelin')).items.some(({ id }) => id === 'put-while-away');
  t.ok(await until(hasNew), 'what was put meanwhile is found');
  t.ok(await until(() => isWhole(30)), 'whole again');
  const again = await search('castle');
  t.same(again.degraded, []);
  t.notOk(
    again.items.some(({ id }) => id === found.items[0]!.id),
    'what was deleted meanwhile is gone',
  );
  const kept = found.items.slice(1, 10).map(({ id }) => id);
  t.same(
    kept.filter((id) => !again.items.some((item) => item.id === id)),
    [],
    'what was there before is there',
  );
});

t.test('a first start while Qdrant is away serves at once and becomes whole by itself', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'hamlet-qdrant-away-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true, maxRetries: 10 }));
  const server = await qdrantServer(t);
  await server.kill();
  const api = await startApi(home, {
    VECTORS_URL: server.url,
    DEMO_WORLD: 'small',
    GRAPH_REFRESH_MINUTES: '0',
  });
  t.teardown(() => api.stop());
  const ask = async (path: string, init?: RequestInit) =>
    (await (await patientFetch(api.url + path, init)).json()) as Answer;
  const before = await ask('/users/user-5/recommendations?limit=100');
  t.ok(before.items.length > 20);
  t.match(before.degraded, [{ stage: 'taste' }]);
  await server.restart();
  const filled = async () =>
    (await ask('/search', json('POST', { text: 'castle', limit: 20 }))).items?.length > 5;
  t.ok(await until(filled), 'the carrier has made and filled its collections');
  const whole = async () => {
    const { degraded, items } = await ask('/users/user-5/recommendations?limit=100');
    return degraded.length === 0 && items.some(({ sources }) => sources.includes('taste'));
  };
  t.ok(await until(whole));
});
