import t from 'tap';
import { buildHttp } from '../../../src/http/index.ts';
import { fakeParts } from '../../support/fakes.ts';
import { patientInject } from '../../support/patient.ts';

const http = await buildHttp(fakeParts().parts);
t.teardown(() => http.close());
const post = (url: string, payload: object) => patientInject(http, { method: 'POST', url, payload });
const get = (url: string) => patientInject(http, { method: 'GET', url });

t.test('directions, edits and personalizations are found where the answer says', async (t) => {
  for (const [url, body] of [
    ['/admin/w2w/directions', { space: 'space-1', name: 'mosaic', labels: { tag: 'mosaic' } }],
    ['/admin/w2w/edits', { space: 'space-1', base: 'mean', directions: [{ id: 'direction-1', alpha: -2 }] }],
    ['/admin/w2w/personalizations', { userId: 'user-1' }],
  ] as const) {
    const asked = await post(url, body);
    t.equal(asked.statusCode, 202, asked.body);
    t.match((await get(String(asked.headers.location))).json(), { id: asked.json().id, state: 'queued' });
    const [listed] = Object.values((await get(url)).json() as Record<string, { id: string }[]>);
    t.match(listed, [{ id: asked.json().id }]);
    t.match((await get(`${url}/none`)).json(), { status: 404, code: /-unknown$/ });
  }
});

t.test('an α that makes no sense, and labels that are none, are refused at their field', async (t) => {
  const edit = (alpha: unknown) => ({ space: 's', base: 'mean', directions: [{ id: 'd', alpha }] });
  for (const alpha of [1e6, -1e6, 10.5, 'NaN', null])
    t.match((await post('/admin/w2w/edits', edit(alpha))).json(), {
      ...{ status: 400, pointer: /^\/directions\/0\/alpha/ },
    });
  for (const rank of [0, 321, 1.5])
    t.match((await post('/admin/w2w/edits', { ...edit(1), rank })).json(), { status: 400, pointer: '/rank' });
  const direction = { space: 's', name: 'n' };
  for (const labels of [{}, { loras: { a: 'yes' } }, { tag: '' }, { text: 'x'.repeat(501) }])
    t.match((await post('/admin/w2w/directions', { ...direction, labels })).json(), { status: 400 });
});

t.test('neither is started past the rights of what goes into it', async (t) => {
  for (const kind of ['learn-w2w-direction', 'edit-w2w-lora'])
    t.match((await post('/admin/trainings', { kind, spec: {} })).json(), { code: 'kind-has-a-route' });
});
