import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { buildHttp } from '../../../src/http/index.ts';
import { fakeParts } from '../../support/fakes.ts';
import { patientInject } from '../../support/patient.ts';

t.test('a list is asked for with what the query says and defaults for the rest', async (t) => {
  const { parts, asked } = fakeParts();
  const app = await buildHttp(parts);
  t.teardown(() => app.close());
  const answer = await app.inject(
    '/users/user-7/recommendations?kind=model&tags=a&tags=b&exclude=x,y&maxLevel=4',
  );
  t.equal(answer.statusCode, 200);
  t.same(asked[0], {
    userId: 'user-7',
    kind: 'model',
    limit: 20,
    surface: 'default',
    maxLevel: 4,
    exclude: ['x,y'],
    tags: ['a', 'b'],
    rerank: undefined,
    trace: 'stages',
  });
  const page = answer.json();
  t.equal(page.items.length, 20);
  t.equal(page.items[3].position, 3);
  t.same(page.items[3].explanation.evidence, ['image-3']);
  t.notOk('trace' in page, 'the trace is told only when asked for');
  t.same(
    (await app.inject('/users/user-7/recommendations?trace=true')).json().trace.stages[0].stage,
    'similar',
  );
});

t.test('pages follow the cursor to the end of the list and never overlap', async (t) => {
  const { parts } = fakeParts();
  const app = await buildHttp(parts);
  t.teardown(() => app.close());
  const seen: string[] = [];
  let url = '/users/u/recommendations?limit=25';
  for (let pages = 0; pages < 10; pages++) {
    const page = (await app.inject(url)).json();
    seen.push(...page.items.map((item: { id: string }) => item.id));
    if (page.nextCursor === null) break;
    url = `/users/u/recommendations?limit=25&cursor=${page.nextCursor}`;
  }
  t.equal(seen.length, 60);
  t.equal(new Set(seen).size, 60);
});

t.test('how a list is to be re-ranked is handed on', async (t) => {
  const { parts, asked } = fakeParts();
  const app = await buildHttp(parts);
  t.teardown(() => app.close());
  for (const rerank of ['off', 'auto', 'wait']) await app.inject(`/users/u/recommendations?rerank=${rerank}`);
  t.same(
    asked.map((query) => (query as { rerank: string }).rerank),
    ['off', 'auto', 'wait'],
  );
});

t.test('what is put can be got, and what is deleted is gone', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  const put = () =>
    app.inject({ method: 'PUT', url: '/items/images/a%2Fb%20%C3%A9', payload: { title: 'Pier' } });
  t.equal((await put()).statusCode, 201);
  t.equal((await put()).statusCode, 200);
  t.match((await app.inject('/items/image/a%2Fb%20%C3%A9')).json(), {
    kind: 'image',
    id: 'a/b é',
    title: 'Pier',
  });
  t.equal((await app.inject({ method: 'DELETE', url: '/items/image/a%2Fb%20%C3%A9' })).statusCode, 204);
  t.equal((await app.inject('/items/image/a%2Fb%20%C3%A9')).statusCode, 404);
});

t.test('what is held back and what waits to be carried is measured', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  const figures = (await patientInject(app, { url: '/metrics' })).body;
  t.match(figures, 'hamlet_held_back_items{kind="image"} 1');
  t.match(figures, 'hamlet_outbox_lag_versions{collection="images"} 3');
});

t.test('stages are measured in seconds', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  await app.inject('/users/u/recommendations');
  const figures = (await app.inject('/metrics')).body;
  t.match(figures, 'hamlet_pipeline_stage_duration_seconds_sum{stage="similar"} 0.0002');
});

t.test('one bad event is rejected alone, and the same event twice counts once', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  const events = [{ eventId: 'e-1' }, null, { eventId: 'e-1' }, { eventId: 'e-2' }];
  const answer = await app.inject({ method: 'POST', url: '/events', payload: { events } });
  t.equal(answer.statusCode, 200);
  t.same(
    answer.json().results.map(({ status }: { status: string }) => status),
    ['accepted', 'rejected', 'duplicate', 'accepted'],
  );
  const figures = (await app.inject('/metrics')).body;
  t.match(figures, 'hamlet_pictures_total{outcome="loaded"} 2');
  t.match(figures, 'hamlet_events_total{status="accepted"} 2');
});

t.test('a person is created, changed, read and erased with a receipt', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  const put = await app.inject({
    method: 'PUT',
    url: '/users/ada',
    payload: { attributes: { country: 'NL' } },
  });
  t.equal(put.statusCode, 201);
  t.same(put.json().attributes, { country: 'NL' });
  const wishes = await app.inject({
    method: 'PUT',
    url: '/users/ada/preferences',
    payload: { hiddenTags: ['x'] },
  });
  t.same(wishes.json(), { hiddenTags: ['x'] });
  t.match((await app.inject({ method: 'DELETE', url: '/users/ada' })).json(), { userId: 'ada', found: true });
  t.equal((await app.inject('/users/ada')).statusCode, 404);
});

t.test('a request id that is sane is kept, another is replaced', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  const ask = async (id: string) =>
    (await app.inject({ url: '/nope', headers: { 'x-request-id': id } })).headers['x-request-id'];
  t.equal(await ask('trace-42'), 'trace-42');
  t.match(await ask('two words {"x":1}'), /^[0-9a-f-]{36}$/u);
  t.match(await ask('x'.repeat(500)), /^[0-9a-f-]{36}$/u);
});

t.test('a picture of the seed comes as WebP, with a tag that saves sending it twice', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  const picture = await app.inject('/pictures/image-1');
  t.equal(picture.headers['content-type'], 'image/webp');
  t.equal(picture.rawPayload.subarray(8, 12).toString(), 'WEBP');
  const again = await app.inject({
    url: '/pictures/image-1',
    headers: { 'if-none-match': String(picture.headers.etag) },
  });
  t.equal(again.statusCode, 304);
  t.equal((await app.inject('/pictures/..%2F..%2Fetc%2Fpasswd')).json().code, 'picture-unknown');
  t.equal((await app.inject('/showcases/lora-1-1-1.webp')).headers['content-type'], 'image/webp');
  t.equal((await app.inject('/showcases/lora-1-1-9.webp')).json().code, 'picture-unknown');
  const busy = await app.inject('/pictures/image-busy.webp');
  t.match(busy.json(), { code: 'pictures-busy', status: 503 });
  t.equal(busy.headers['retry-after'], '1');
});

t.test('a request that takes 50 ms is measured as one, in the figures and in the log', async (t) => {
  const { parts } = fakeParts();
  const { recommend } = parts.recommender;
  const slow = { ...parts.recommender, recommend: (q: never) => sleep(50).then(() => recommend(q)) };
  const lines: { ms: number }[] = [];
  const log = { ...parts.log, debug: (line: { ms: number }) => lines.push(line) };
  const app = await buildHttp({ ...parts, recommender: slow, log: log as never });
  t.teardown(() => app.close());
  await app.inject('/users/u/recommendations');
  const sum = /hamlet_http_request_duration_seconds_sum\{route="\/users\/:\w+\/rec.*\} (.+)/u;
  const seconds = Number(sum.exec((await app.inject('/metrics')).body)?.[1]);
  t.ok(seconds >= 0.045 && seconds < 5, `${seconds} s`);
  t.ok(lines[0]!.ms >= 45 && lines[0]!.ms < 5000, `${lines[0]!.ms} ms`);
});

t.test('a list that went out without a stage is told in the log at its usual level', async (t) => {
  const { parts } = fakeParts();
  const degraded = [{ stage: 'similar', code: 'deadline' }];
  const short = {
    ...parts.recommender,
    recommend: async (q: never) => ({ ...(await parts.recommender.recommend(q)), degraded }),
  };
  const lines: unknown[] = [];
  const log = { ...parts.log, info: (line: unknown) => lines.push(line) };
  const app = await buildHttp({ ...parts, recommender: short, log: log as never });
  t.teardown(() => app.close());
  await app.inject('/users/ada');
  await app.inject('/users/u/recommendations');
  t.match(lines, [{ status: 200, degraded }]);
  t.equal(lines.length, 1);
});
