import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { openHamlet } from '../../client/index.js';
import { startApi } from '../support/api-process.ts';
import { hamlet } from '../support/cli.ts';
import { newFolder } from '../support/imports.ts';
import { newHome, until } from '../support/own-server.ts';
import { patientFetch } from '../support/patient.ts';
import { writeRingModel } from '../support/sequence-artifact.ts';

const IDS = Array.from({ length: 12 }, (_, n) => `picture-${n}`);
/** The ring model goes on from picture-3; the vectors turn by n² / 40, so these are the nearest to it. */
const PLANTED = {
  list: ['picture-4', 'picture-5', 'picture-6'],
  neighbours: ['picture-0', 'picture-1', 'picture-2', 'picture-4'],
};
t.setTimeout(200_000);
const settings = { DEMO_WORLD: 'none', DRAW_SHARE: '0', EXPLORE_SHARE: '0', CONTENT_SPACE: 'clip' };
const like = (itemId: string) => ({
  ...({ eventId: `e-${itemId}`, userId: 'ann', itemKind: 'image', itemId, type: 'like' } as const),
  occurredAt: '2026-01-01T00:00:00Z',
});
const path = (id: string) => ({ kind: 'image', id }) as const;

t.test('a machine is lost, and another has everything that it had', { timeout: 180_000 }, async (t) => {
  const lost = newHome(t);
  const backup = join(newFolder(t), 'backup');
  const key = JSON.parse(hamlet(lost, ['keys', 'create', 'all', '--scopes', 'serve,ingest,admin']).out).token;
  await writeRingModel(lost, IDS);
  mkdirSync(join(lost, 'artifacts/pictures/ab'), { recursive: true });
  writeFileSync(join(lost, 'artifacts/pictures/ab/abcd.png'), 'a picture');
  const before = await startApi(lost, settings);
  t.teardown(() => before.child.kill('SIGKILL'));
  const first = strict(before.url, key);
  for (const [n, id] of IDS.entries()) {
    const vector = Array.from({ length: 64 }, (_, axis) => [Math.cos, Math.sin][axis]?.((n * n) / 40) ?? 0);
    const body = { title: id, browsingLevel: 1, url: `https://example.org/${id}.webp`, vector };
    await first.PUT('/items/{kind}/{id}', { params: { path: path(id) }, body });
  }
  await first.POST('/events', { body: { events: [like('picture-3')] } });
  await first.POST('/admin/models', { body: { folder: 'sasrec-image-ring' } });
  const version = { kind: 'sasrec-image', version: 'ring' };
  await first.POST('/admin/models/{kind}/{version}/promote', { params: { path: version } });
  t.same(await whatIsServed(first), PLANTED);

  const ran = hamlet(lost, ['backup', backup]);
  t.equal(ran.code, 0, ran.said);
  const { copied, lacking: notCopied } = JSON.parse(ran.out).artifacts;
  t.ok(copied.includes('sasrec-image-ring'), 'a graph may be in force as well by now');
  t.same(notCopied, []);
  before.child.kill('SIGKILL');
  for (const part of ['artifacts', 'vectors']) rmSync(join(lost, part), { recursive: true });

  const other = newHome(t);
  const restored = hamlet(other, ['restore', backup]);
  t.equal(restored.code, 0, restored.said);
  t.equal(readFileSync(join(other, 'artifacts/pictures/ab/abcd.png'), 'utf8'), 'a picture');
  const after = await startApi(other, settings);
  t.teardown(() => after.stop());
  const second = strict(after.url, key);
  t.same(await whatIsServed(second), PLANTED);
  const { data } = await second.POST('/events', { body: { events: [like('picture-3')] } });
  t.match(data?.results, [{ status: 'duplicate' }]);

  rmSync(join(other, 'artifacts/sasrec-image-ring'), { recursive: true });
  const lacking = hamlet(other, ['backup', `${backup}-2`]);
  t.equal(lacking.code, 1, 'a backup without what is in force says so');
  t.match(lacking.said, /artifact-missing: .*sasrec-image-ring/);
});

/** A client whose every call has to succeed. */
function strict(baseUrl: string, key: string) {
  const client = openHamlet({ baseUrl, key, fetch: patientFetch });
  client.use({
    async onResponse({ response }) {
      if (!response.ok) throw new Error(await response.text());
    },
  });
  return client;
}

/** Once the promoted model serves and the index holds all (what was absent is looked for again after 30 s). */
async function whatIsServed(client: ReturnType<typeof openHamlet>) {
  const query = { limit: 3, rerank: 'off' } as const;
  let served = {};
  await until(async () => {
    const { data } = await client.GET('/users/{id}/recommendations', {
      params: { path: { id: 'ann' }, query },
    });
    const params = { path: path('picture-3'), query: { limit: 4 } };
    const { data: similar } = await client.GET('/items/{kind}/{id}/similar', { params });
    served = {
      list: data!.items.map(({ id }) => id),
      neighbours: similar!.items.map(({ id }) => id).sort(),
    };
    return isDeepStrictEqual(served, PLANTED);
  }, 60_000);
  return served;
}
