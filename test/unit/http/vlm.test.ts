import t from 'tap';
import { buildHttp } from '../../../src/http/index.ts';
import type { VlmState } from '../../../src/vlm/index.ts';
import { fakeParts } from '../../support/fakes.ts';

t.test(
  'a refused key is told by health and counted in the metrics; lists are served all the same',
  async (t) => {
    let state: VlmState = 'up';
    const outcomes = new Map([
      ['answered', 4],
      ['vlm-key-refused', 1],
    ]);
    const vlm = { state: () => state, counts: () => ({ outcomes, tokens: 1200, repairs: 2 }) };
    const app = await buildHttp(fakeParts({}, { vlm }).parts);
    t.teardown(() => app.close());
    const health = async () => (await app.inject('/health/ready')).json();
    const well = await health();
    t.match(well, { status: 'ready', parts: { vlm: 'up' } });
    t.notOk('details' in well);
    state = 'key-refused';
    t.match(await health(), {
      ...{ status: 'ready', parts: { vlm: 'key-refused' } },
      details: { vlm: /refuses VLM_API_KEY. Lists are served without it/ },
    });
    t.equal((await app.inject('/users/u/recommendations?rerank=wait')).statusCode, 200);
    const metrics = (await app.inject('/metrics')).payload;
    t.match(metrics, /hamlet_vlm_requests_total\{outcome="vlm-key-refused"\} 1/);
    t.match(metrics, /hamlet_vlm_tokens_total 1200/);
    t.match(metrics, /hamlet_vlm_repairs_total 2/);
  },
);

t.test('without a model nothing is said of one', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  t.notOk('vlm' in (await app.inject('/health/ready')).json().parts);
  t.notMatch((await app.inject('/metrics')).payload, /hamlet_vlm/);
});

t.test('a taste is read, corrected and given back over HTTP', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  const url = '/users/u/taste';
  t.match((await app.inject(url)).json(), { source: 'none', preferences: [] });
  const payload = { preferences: [{ text: 'Quiet boats', avoids: ['neon'] }] };
  t.match((await app.inject({ method: 'PUT', url, payload })).json(), {
    ...{ source: 'person', preferences: [{ id: 'p1', text: 'Quiet boats', likes: [], avoids: ['neon'] }] },
  });
  t.match((await app.inject({ method: 'DELETE', url })).json(), { source: 'none' });
});
