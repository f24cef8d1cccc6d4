import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import t from 'tap';
import { openHamlet } from '../../client/index.js';
import { CLIENT_TYPES, clientTypes } from '../../scripts/client-types.ts';
import { startApi } from '../support/api-process.ts';
import { newHome, until } from '../support/own-server.ts';
import { patientFetch } from '../support/patient.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../client/example.ts');

t.test('the client’s types are those of openapi.yaml (npm run openapi writes them)', async (t) => {
  t.equal(readFileSync(CLIENT_TYPES, 'utf8'), await clientTypes());
});

t.test('the client and its example work with a real service', { timeout: 100_000 }, async (t) => {
  const api = await startApi(newHome(t), { DEMO_WORLD: 'none' });
  t.teardown(() => api.stop());
  const hamlet = openHamlet({ baseUrl: api.url, fetch: patientFetch });
  for (const id of ['harbour', 'castle', 'forest']) {
    const body = { title: `A <${id}>`, url: `/pictures/${id}`, tags: [id], browsingLevel: 1 };
    const { response } = await hamlet.PUT('/items/{kind}/{id}', {
      params: { path: { kind: 'image', id } },
      body,
    });
    t.ok(response.ok);
  }

  const ask = (query: { exclude?: string[]; limit?: number }) =>
    hamlet.GET('/users/{id}/recommendations', { params: { path: { id: 'ann' }, query } });
  const { data } = await ask({ exclude: ['castle', 'forest'] });
  t.same(
    data?.items.map((item) => item.id),
    ['harbour'],
    'lists of values reach the api',
  );
  const { error } = await ask({ limit: 1000 });
  t.match(error, { code: 'invalid-request', pointer: '/limit' });

  const page = await startExample(api.url);
  t.teardown(() => page.child.kill());
  const shown = await pageWith('id=harbour', `${page.url}/?user=ann`);
  t.match(shown, `<img src="${api.url}/pictures/harbour">`);
  t.notMatch(shown, '<harbour>', 'titles are text, never markup');
  const action = /action="([^"]*id=harbour[^"]*)"/.exec(shown)![1]!.replaceAll('&#38;', '&');
  const isSeen = () =>
    fetch(new URL(action, page.url), { method: 'POST' })
      .then((answer) => answer.text())
      .then((text) => text.includes('id=castle') && !text.includes('id=harbour'));
  t.ok(await until(isSeen), 'what was liked has been seen');
  const { data: person } = await hamlet.GET('/users/{id}', { params: { path: { id: 'ann' } } });
  t.ok(person!.counts.events >= 1);
});

/** A busy machine sheds load, and the page then says so. */
async function pageWith(text: string, url: string): Promise<string> {
  let shown = '';
  await until(async () => {
    shown = await (await fetch(url)).text();
    return shown.includes(text);
  });
  return shown;
}

async function startExample(api: string): Promise<{ url: string; child: ChildProcess }> {
  const env = { ...process.env, HAMLET_URL: api, PORT: '0' };
  const child = spawn(process.execPath, [EXAMPLE], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  return { url: `http://127.0.0.1:${/port (\d+)/.exec(String(said))![1]}`, child };
}
