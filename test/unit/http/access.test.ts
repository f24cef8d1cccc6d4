import t from 'tap';
import { buildHttp } from '../../../src/http/index.ts';
import { fakeKeys, fakeParts } from '../../support/fakes.ts';

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

t.test('while no key exists only this machine may ask, under its own name', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  const ask = (headers: Record<string, string>, remoteAddress = '127.0.0.1') =>
    app.inject({ url: '/users/a/recommendations?maxLevel=16', headers, remoteAddress });
  t.equal((await ask({ host: 'localhost:3000' })).statusCode, 200);
  t.equal((await ask({ host: '[::1]:3000' }, '::1')).statusCode, 200);
  t.equal((await ask({ host: 'rebound.example' })).json().code, 'loopback-only');
  t.equal((await ask({ host: 'localhost' }, '192.0.2.7')).json().code, 'loopback-only');
  t.equal((await ask(bearer('made-up'))).statusCode, 401, 'a wrong key is wrong also then');
});

t.test('while no key exists no proxy and no page of another site speaks for this machine', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  const rollBack = (headers: Record<string, string>) =>
    app.inject({
      method: 'POST',
      url: '/admin/models/sasrec-image/rollback',
      headers: { host: '127.0.0.1:3000', ...headers },
    });
  const own = { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' };
  t.not((await rollBack({})).statusCode, 403, 'a program');
  t.not((await rollBack(own)).statusCode, 403, 'the console');
  for (const headers of [
    { 'x-forwarded-for': '127.0.0.1' },
    { forwarded: 'for=192.0.2.7' },
    { via: '1.1 proxy' },
    { origin: 'https://elsewhere.example' },
    { origin: 'http://127.0.0.1:8080' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ] as Record<string, string>[])
    t.equal((await rollBack(headers)).json().code, 'loopback-only', JSON.stringify(headers));
});

t.test('each route asks for its scope', async (t) => {
  const keys = fakeKeys({
    s: { scopes: ['serve'] },
    i: { scopes: ['ingest'] },
    a: { scopes: ['admin'] },
  });
  const app = await buildHttp(fakeParts({}, { keys }).parts);
  t.teardown(() => app.close());
  const may = async (token: string, url: string) =>
    (await app.inject({ url, headers: bearer(token) })).statusCode;
  t.same(
    await Promise.all(['s', 'i', 'a'].map((token) => may(token, '/users/a/recommendations'))),
    [200, 403, 403],
  );
  t.same(await Promise.all(['s', 'i', 'a'].map((token) => may(token, '/users/a'))), [403, 404, 403]);
  t.same(await Promise.all(['s', 'i', 'a'].map((token) => may(token, '/admin/keys'))), [403, 403, 200]);
  t.same(
    await Promise.all(['s', 'i', 'a', 'x'].map((token) => may(token, '/metrics'))),
    [200, 200, 200, 401],
  );
  const keyless = await app.inject('/users/a/recommendations');
  t.equal(keyless.statusCode, 401);
  t.equal(keyless.headers['www-authenticate'], 'Bearer');
  t.equal((await app.inject('/health/live')).statusCode, 200, 'health asks nobody');
});

t.test('a person’s report needs its own scope, which opens nothing else', async (t) => {
  const keys = fakeKeys({ r: { scopes: ['report'] }, s: { scopes: ['serve', 'ingest'] } });
  const { parts, items } = fakeParts({}, { keys });
  const app = await buildHttp(parts);
  t.teardown(() => app.close());
  items.set('image:a', { kind: 'image', id: 'a' });
  const report = (token: string, payload: object = { userId: 'ann', reason: 'sexual' }) =>
    app.inject({ method: 'POST', url: '/items/image/a/reports', headers: bearer(token), payload });
  t.match(
    [(await report('r')).json(), (await report('r')).json()],
    [{ status: 'taken' }, { status: 'known' }],
  );
  t.equal((await report('s')).json().code, 'scope-missing');
  t.equal((await report('r', { userId: 'ann', reason: 'because' })).statusCode, 400);
  t.equal((await app.inject({ url: '/admin/moderation', headers: bearer('r') })).statusCode, 403);
});

t.test('every route of the API says who may call it', async (t) => {
  const keys = fakeKeys({ s: { scopes: ['serve', 'ingest', 'admin'] } });
  const app = await buildHttp(fakeParts({}, { keys }).parts);
  t.teardown(() => app.close());
  await app.ready();
  const { paths } = app.swagger() as { paths: Record<string, Record<string, { security?: unknown[] }>> };
  for (const [path, operations] of Object.entries(paths))
    for (const [method, { security }] of Object.entries(operations)) {
      const answer = await app.inject({
        method: method as 'GET',
        url: path.replaceAll(/\{\w+\}/gu, 'image'),
      });
      const open = security?.length === 0;
      t.equal(answer.statusCode === 401, !open, `${method} ${path} ${open ? 'is open' : 'asks for a key'}`);
    }
});

t.test('a request never sees above its key', async (t) => {
  const keys = fakeKeys({ low: { maxLevel: 2 } });
  const { parts, asked } = fakeParts({}, { keys });
  const app = await buildHttp(parts);
  t.teardown(() => app.close());
  const ask = (query: string) =>
    app.inject({ url: `/users/a/recommendations?${query}`, headers: bearer('low') });
  t.equal((await ask('maxLevel=2')).statusCode, 200);
  const refused = await ask('maxLevel=4');
  t.equal(refused.statusCode, 403);
  t.match(refused.json(), { code: 'level-forbidden', pointer: '/maxLevel' });
  await ask('');
  t.match(asked.at(-1), { maxLevel: 1 });
  await ask('cursor=from-20');
  t.match(asked.at(-1), { maxLevel: 2 }, 'a page is bound by its list and the key');
  t.equal((await ask('cursor=from-20&maxLevel=16')).statusCode, 403);
});

t.test('the first key closes the door, and a revoked one opens nothing', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  const made = await app.inject({
    method: 'POST',
    url: '/admin/keys',
    payload: { name: 'root', scopes: ['admin', 'serve', 'serve'], maxLevel: 8 },
  });
  t.equal(made.statusCode, 201);
  const { token, id } = made.json();
  t.same(made.json().scopes, ['admin', 'serve']);
  t.equal((await app.inject('/users/a/recommendations')).statusCode, 401);
  t.equal((await app.inject({ url: '/users/a/recommendations', headers: bearer(token) })).statusCode, 200);
  const list = await app.inject({ url: '/admin/keys', headers: bearer(token) });
  t.notMatch(list.body, token, 'the token is never shown again');
  const above = await app.inject({
    method: 'POST',
    url: '/admin/keys',
    headers: bearer(token),
    payload: { name: 'more', scopes: ['serve'], maxLevel: 16 },
  });
  t.equal(above.json().code, 'level-forbidden', 'a key makes none that sees more than itself');
  t.equal(
    (await app.inject({ method: 'DELETE', url: `/admin/keys/${id}`, headers: bearer(token) })).statusCode,
    204,
  );
  t.equal((await app.inject({ url: '/users/a/recommendations', headers: bearer(token) })).statusCode, 401);
});

t.test('a key’s budget ends in 429 with the time to wait, and others have their own', async (t) => {
  const keys = fakeKeys({ one: {}, two: {} });
  const app = await buildHttp(fakeParts({ RATE_LIMIT: 3 }, { keys }).parts);
  t.teardown(() => app.close());
  const ask = (token: string) => app.inject({ url: '/users/a/recommendations', headers: bearer(token) });
  t.equal((await ask('one')).headers['ratelimit-remaining'], '2');
  await ask('one');
  await ask('one');
  const refused = await ask('one');
  t.equal(refused.statusCode, 429);
  t.equal(refused.json().code, 'rate-limited');
  t.equal(refused.headers['content-type'], 'application/problem+json');
  t.ok(Number(refused.headers['retry-after']) >= 1);
  t.equal((await ask('two')).statusCode, 200);
  t.equal((await app.inject('/health/live')).statusCode, 200);
});
