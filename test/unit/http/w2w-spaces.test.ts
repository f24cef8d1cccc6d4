import t from 'tap';
import { buildHttp } from '../../../src/http/index.ts';
import { fakeParts } from '../../support/fakes.ts';
import { patientInject } from '../../support/patient.ts';

const http = await buildHttp(fakeParts().parts);
t.teardown(() => http.close());
const post = (url: string, payload: object) => patientInject(http, { method: 'POST', url, payload });
const get = (url: string) => patientInject(http, { method: 'GET', url });

t.test('a space is asked for, found where the answer says, and listed', async (t) => {
  const asked = await post('/admin/w2w/spaces', { method: 'attn_v', k: 2 });
  t.equal(asked.statusCode, 202);
  const found = await get(String(asked.headers.location));
  t.match(found.json(), { state: 'queued', spec: { method: 'attn_v', k: 2 }, stale: null });
  t.match((await get('/admin/w2w/spaces')).json(), { spaces: [{ id: asked.json().id }] });
  t.match((await get('/admin/w2w/spaces/none')).json(), { status: 404, code: 'space-unknown' });
});

t.test('what is no wish for a space is refused at its field', async (t) => {
  for (const [body, pointer] of [
    [{ method: 'all' }, '/method'],
    [{ k: 0 }, '/k'],
    [{ base: '../elsewhere' }, '/base'],
    [{ models: [] }, '/models'],
    [{ members: 'w2w/mine.json' }, ''],
  ] as const)
    t.match((await post('/admin/w2w/spaces', body)).json(), {
      status: 400,
      pointer: new RegExp(`^${pointer}`),
    });
});

t.test('a space is not started past the rights of what goes into it', async (t) => {
  const spec = { members: 'w2w/mine.json', base: 'sd15' };
  const answer = await post('/admin/trainings', { kind: 'build-w2w-space', spec });
  t.match(answer.json(), { status: 400, code: 'kind-has-a-route', pointer: '/kind' });
});
