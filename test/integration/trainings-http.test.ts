import { join } from 'node:path';
import t from 'tap';
import { buildHttp } from '../../src/http/index.ts';
import { addArtifact, listArtifacts, promote, rollback, writeArtifact } from '../../src/models/index.ts';
import { testDatabase } from '../support/database.ts';
import { fakeParts } from '../support/fakes.ts';
import { patientInject } from '../support/patient.ts';
import { startSidecar } from '../support/sidecar.ts';
import { openTestTrainings, over, until } from '../support/trainings.ts';

t.setTimeout(1_200_000);
const home = t.testdir();
const sidecar = await startSidecar(t, home);
const db = await testDatabase(t);
const trainings = await openTestTrainings(t, db, home, [sidecar.url]);
const registry = {
  list: () => listArtifacts(db),
  add: (folder: string) => addArtifact(db, home, folder),
  promote: (kind: string, version: string) => promote(db, kind, version),
  rollback: (kind: string) => rollback(db, kind),
};
const http = await buildHttp(fakeParts({}, { trainings, registry }).parts);
t.teardown(() => http.close());

const post = (url: string, payload: object) => patientInject(http, { method: 'POST', url, payload });
const get = (url: string) => patientInject(http, { method: 'GET', url });

t.test('from the request to the artifact in force, over HTTP', async (t) => {
  const asked = await post('/admin/trainings', { kind: 'make_artifact', spec: { steps: 8, seconds: 0.1 } });
  t.equal(asked.statusCode, 202);
  const { id } = asked.json();
  t.equal(asked.headers.location, `/admin/trainings/${id}`);

  const stream = await get(`/admin/trainings/${id}/events`);
  t.equal(stream.headers['content-type'], 'text/event-stream');
  const told = [...stream.body.matchAll(/^event: training\ndata: (.+)$/gm)].map(([, data]) =>
    JSON.parse(data!),
  );
  t.ok(told.length >= 3, `${told.length} events`);
  t.same(
    told.map(({ progress }) => progress),
    told.map(({ progress }) => progress).sort((a, b) => a - b),
  );
  t.match(told.at(-1), { state: 'done', result: { artifact: `toy-${id}` } });

  t.match((await get(`/admin/trainings/${id}`)).json(), { state: 'done', progress: 1 });
  t.match((await get('/admin/trainings')).json(), { trainings: [{ id }] });
  t.match((await get('/admin/models')).json(), {
    models: [{ kind: 'toy', version: id, state: 'candidate' }],
  });
  t.equal((await post(`/admin/models/toy/${id}/promote`, {})).statusCode, 200);
  t.match((await get('/admin/models')).json(), { models: [{ version: id, state: 'active' }] });
});

t.test('an artifact that was made from the shell is entered by its folder, or refused by name', async (t) => {
  const manifest = { kind: 'hand', version: 'v1', contract: 'hand/1', dataset: {}, parameters: {} };
  const folder = join(home, 'artifacts/hand-v1');
  await writeArtifact(folder, manifest, { 'metrics.json': Buffer.from('{"accuracy":1}') });
  const entered = await post('/admin/models', { folder: 'hand-v1' });
  t.equal(entered.statusCode, 201);
  t.match(entered.json(), { kind: 'hand', version: 'v1', state: 'candidate', metrics: { accuracy: 1 } });

  const refuse = async (name: string, files: Record<string, Buffer>) => {
    if (Object.keys(files).length > 0)
      await writeArtifact(join(home, 'artifacts', name), { ...manifest, version: name.slice(5) }, files);
    const { statusCode, body } = await post('/admin/models', { folder: name });
    return [statusCode, JSON.parse(body).code];
  };
  t.same(await refuse('hand-v2', { 'weights.pt': Buffer.from('PK\x03\x04archive') }), [
    422,
    'artifact-pickle',
  ]);
  t.same(await refuse('hand-v3', { 'weights.bin': Buffer.from('\x80\x04\x95', 'latin1') }), [
    422,
    'artifact-pickle',
  ]);
  t.same(await refuse('hand-v4', { 'metrics.json': Buffer.from('[') }), [422, 'artifact-invalid']);
  t.same(await refuse('hand-v9', {}), [422, 'artifact-invalid']);
  t.same(await refuse('../../etc', {}), [422, 'artifact-invalid']);
  const header = Buffer.from('\x80\x02\0\0\0\0\0\0{"a":{}}', 'latin1');
  t.same(await refuse('hand-v5', { 'a.safetensors': header }), [201, undefined], 'a length is no opening');

  const metrics = (await get('/metrics')).body;
  t.match(metrics, /hamlet_problems_total{code="artifact-pickle"} 2/);
  t.match(metrics, /hamlet_problems_total{code="artifact-invalid"} 3/);
});

t.test('a training is cancelled by DELETE, and what is not known is not found', async (t) => {
  const { id } = (await post('/admin/trainings', { kind: 'stubborn', spec: {} })).json();
  await until(trainings, id, ({ progress }) => progress > 0);
  const cancelled = await patientInject(http, { method: 'DELETE', url: `/admin/trainings/${id}` });
  t.equal(cancelled.statusCode, 202);
  t.match(cancelled.json(), { cancelRequested: true });
  t.match(await until(trainings, id, over), { state: 'cancelled' });
  for (const url of ['/admin/trainings/none', '/admin/trainings/none/events'])
    t.match((await get(url)).json(), { status: 404, code: 'training-unknown' });
  t.match((await patientInject(http, { method: 'DELETE', url: '/admin/trainings/none' })).json(), {
    status: 404,
  });
});

t.test('what cannot be asked for is refused with the place, and failures are counted', async (t) => {
  const refused = await post('/admin/trainings', { kind: 'unheard-of', spec: {} });
  t.match(refused.json(), { status: 400, code: 'kind-unknown', pointer: '/kind' });
  t.match((await post('/admin/trainings', { kind: 'count' })).json(), { code: 'invalid-request' });
  const large = await post('/admin/trainings', { kind: 'count', spec: { x: 'y'.repeat(300_000) } });
  t.match(large.json(), { status: 400, code: 'spec-too-large' });
  const { id } = (await post('/admin/trainings', { kind: 'fall', spec: { how: 'raise' } })).json();
  await until(trainings, id, over);
  t.match((await get('/metrics')).body, /hamlet_trainings{kind="fall",state="failed",code="job-error"} 1/);
});

t.test('without a sidecar the answer says how to start one', async (t) => {
  const none = await openTestTrainings(t, await testDatabase(t), home, []);
  const http = await buildHttp(fakeParts({}, { trainings: none }).parts);
  t.teardown(() => http.close());
  const answer = await patientInject(http, {
    method: 'POST',
    url: '/admin/trainings',
    payload: { kind: 'count', spec: {} },
  });
  t.equal(answer.statusCode, 503);
  t.match(answer.json(), { code: 'sidecar-unavailable', detail: /npm run sidecar.*SIDECAR_URL/ });
  t.ok(Number(answer.headers['retry-after']) > 0);
  t.match((await patientInject(http, { method: 'GET', url: '/admin/trainings' })).json(), { trainings: [] });
});
