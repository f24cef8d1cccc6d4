import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import sharp from 'sharp';
import t from 'tap';
import { loadConfig } from '../../src/config.ts';
import { openDpo, SHIPPED, writePool } from '../../src/dpo/index.ts';
import { buildHttp } from '../../src/http/index.ts';
import { openImageLoader } from '../../src/images/index.ts';
import { silentLog } from '../../src/log.ts';
import { addArtifact, buildItemGraph, writeArtifact } from '../../src/models/index.ts';
import { openRecommender } from '../../src/recommend/index.ts';
import { contentEncoder } from '../../src/text/index.ts';
import { carryChanges, openVectors } from '../../src/vectors/index.ts';
import { testDatabase } from '../support/database.ts';
import { event, openReplica } from '../support/events.ts';
import { fakeParts, fakeTrainings } from '../support/fakes.ts';
import { patientInject } from '../support/patient.ts';

const home = t.testdir();
const db = await testDatabase(t);
const { catalog, events } = await openReplica(t, db);
const images = openImageLoader({ trustedHosts: new Set(), renderPicture: () => null });
t.teardown(() => images.close());

const square = async (background: string) => {
  const png = await sharp({ create: { width: 80, height: 60, channels: 3, background } })
    .png()
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
};
const image = (id: string, url: string, browsingLevel = 1) => ({
  ...({ kind: 'image', id, url, browsingLevel } as const),
  prompt: `a pier, ${id}`,
});
await catalog.put(
  [
    image('red', await square('#f00')),
    image('blue', await square('#00f')),
    image('grown-up', await square('#0f0'), 4),
    image('broken', 'data:image/png;base64,aGVsbG8='),
  ],
  { mode: 'trusted' },
);
await events.ingest([
  event('ann', 'red', { type: 'like', position: 3 }),
  event('ann', 'blue', { type: 'view', position: 0 }),
  event('bob', 'blue', { type: 'like' }),
]);
await events.putPreferences('bob', { excludeFromTraining: true });
const dpo = openDpo({ db, home, images, catalog, clip: join(SHIPPED, 'clip') });

t.test('a pool holds what may be trained on, and counts what may not', async (t) => {
  const { folder, digest } = await writePool({ db, images, home }, 16, async () => {});
  const path = join(home, 'artifacts', folder);
  const { pictures, leftOut } = JSON.parse(await readFile(join(path, 'pool.json'), 'utf8'));
  t.same(
    pictures.map(({ id }: { id: string }) => id),
    ['red', 'blue'],
  );
  t.same(leftOut, { optedOut: 1, unsafe: 1, broken: 1 });
  const file = await readFile(join(path, 'showings.parquet'));
  const rows = await parquetReadObjects({ file: Uint8Array.from(file).buffer });
  t.match(rows, [
    { type: 'like', position: 3, propensity: null },
    { type: 'view', position: 0, propensity: null },
  ]);
  t.equal((await writePool({ db, images, home }, 16, async () => {})).digest, digest, 'the same log again');
});

t.test('a pool without a picture that can be read is refused', async (t) => {
  const load = async () =>
    Promise.reject(new (await import('../../src/errors.ts')).HamletError('x', 400, 'x'));
  await t.rejects(
    writePool({ db, images: { load }, home }, 16, async () => {}),
    { code: 'no-pictures' },
  );
});

t.test('a job begins with the pool of its moment, and only where it asks for it', async (t) => {
  const made = await dpo.prepare({ pool: 'latest', side: 16, source: 'crowd' }, async () => {});
  t.match(made, { spec: { pool: /^dpo-pool-[0-9a-f]{32}$/, source: 'crowd' }, dataset: /^[0-9a-f]{64}$/ });
  t.equal(await dpo.prepare({ pool: made!.spec.pool }, async () => {}), null);
});

t.test('pairs of one person need a person who is known and agrees', async (t) => {
  await t.rejects(dpo.pairsSpec({ source: 'user' }), { code: 'field-missing', pointer: '/userId' });
  await t.rejects(dpo.pairsSpec({ source: 'crowd', userId: 'ann' }), { code: 'field-missing' });
  await t.rejects(dpo.pairsSpec({ source: 'user', userId: 'nobody' }), { code: 'user-unknown' });
  await t.rejects(dpo.pairsSpec({ source: 'user', userId: 'bob' }), { code: 'user-opted-out' });
  t.match(await dpo.pairsSpec({ source: 'user', userId: 'ann' }), { user: Number, clip: /^clip-/ });
});

t.test('the models that ship are offered once, under their digest', async (t) => {
  const spec = await dpo.trainingSpec('dpo-pairs-x', { steps: 3 });
  t.match(spec, {
    ...{ pairs: 'dpo-pairs-x', diffusion: /^diffusion-[0-9a-f]{12}$/, steps: 3 },
    scorer: { name: 'preference', weights: /^preference-[0-9a-f]{12}\.safetensors$/, clip: spec.clip },
  });
  t.same(await dpo.trainingSpec('dpo-pairs-x', { steps: 3 }), spec);
});

t.test('pairs that bring a person’s own judge are judged by it first', async (t) => {
  const folder = join(home, 'artifacts/dpo-pairs-of-ann');
  await mkdir(folder);
  await writeFile(join(folder, 'taste.safetensors'), 'a direction');
  t.match(await dpo.trainingSpec('dpo-pairs-of-ann'), {
    scorer: { name: 'taste', weights: 'dpo-pairs-of-ann/taste.safetensors', clip: /^clip-/ },
    judges: [{ name: 'preference', weights: /^preference-/ }],
  });
});

t.test('a person’s pool holds what they were shown, and no more', async (t) => {
  await catalog.put([image('unseen', await square('#ff0'))], { mode: 'trusted' });
  const { user } = await dpo.pairsSpec({ source: 'user', userId: 'ann' });
  const idsIn = async (spec: Record<string, unknown>) => {
    const { spec: made } = (await dpo.prepare({ pool: 'latest', side: 16, ...spec }, async () => {}))!;
    const pool = await readFile(join(home, 'artifacts', String(made.pool), 'pool.json'), 'utf8');
    return JSON.parse(pool).pictures.map(({ id }: { id: string }) => id);
  };
  t.same(await idsIn({ source: 'user', user }), ['red', 'blue']);
  t.same(await idsIn({ source: 'implicit' }), ['red', 'blue', 'unseen']);
});

t.test('an adapter is published, downloaded, replaced and rolled back', async (t) => {
  for (const version of ['one', 'two']) {
    const about = { kind: 'dpo-adapter', version, contract: 'hamlet-dpo-adapter/1', parameters: {} };
    await writeArtifact(
      join(home, 'artifacts', `dpo-adapter-${version}`),
      { ...about, dataset: { digest: 'd', source: 'implicit', pairs: 40 } },
      { 'adapter.safetensors': Buffer.from(`weights ${version}`) },
    );
    await addArtifact(db, home, `dpo-adapter-${version}`);
  }
  const http = await buildHttp(fakeParts({}, { dpo, trainings: fakeTrainings() }).parts);
  t.teardown(() => http.close());
  const call = (method: 'GET' | 'POST', url: string) => patientInject(http, { method, url });
  const publish = (version: string) => call('POST', `/admin/dpo/adapters/${version}/publish`);

  t.same((await publish('one')).json(), { version: 'one', item: 'dpo-adapter-one' });
  t.match(await catalog.get('model', 'dpo-adapter-one'), {
    title: 'Aligned by implicit pairs',
    tags: ['aligned', 'implicit'],
  });
  t.equal((await publish('two')).json().item, 'dpo-adapter-two');
  t.equal(await catalog.get('model', 'dpo-adapter-one'), null);
  const { download } = (await catalog.get('model', 'dpo-adapter-two'))!.attributes;
  t.equal((await call('GET', String(download))).body, 'weights two');

  t.same((await call('POST', '/admin/dpo/adapters/rollback')).json(), {
    version: 'one',
    item: 'dpo-adapter-one',
  });
  t.equal(await catalog.get('model', 'dpo-adapter-two'), null);
  t.equal((await publish('three')).statusCode, 404);
  t.equal((await call('GET', '/admin/dpo/artifacts/dpo-adapter-one/look.png')).statusCode, 404);
  t.equal((await call('GET', '/admin/dpo/artifacts/..%2F..%2Fetc/look.png')).statusCode, 404);
});

t.test('the adapter in force is recommended among the models', async (t) => {
  await dpo.publish('two');
  const config = loadConfig({}, { HAMLET_HOME: home, DRAW_SHARE: 0 });
  const encoder = contentEncoder();
  const vectors = await openVectors(config, silentLog);
  const carrier = await carryChanges(db, vectors, {
    ...{ spaces: { text: encoder.dims, clip: 64 }, log: silentLog, pollMs: 0 },
  });
  await carrier.drain();
  const graph = buildItemGraph(await events.interactionLog('model'), {});
  const recommender = await openRecommender({
    ...{ db, catalog, events, vectors, encoder, config, graph: () => graph, log: silentLog },
    ...{ clip: { encoder: null }, contentSpace: { current: () => 'text' as const } },
  });
  t.teardown(async () => {
    await recommender.close();
    await carrier.stop();
    await vectors.close();
  });
  const list = async () => {
    const asked = { userId: 'ann', kind: 'model', limit: 10, surface: 'test', maxLevel: 1 } as const;
    const { items } = await recommender.recommend({ ...asked, exclude: [], tags: [] });
    return items.map(({ id }) => id);
  };
  t.same(await list(), ['dpo-adapter-two']);
  await dpo.rollback();
  t.notOk((await list()).includes('dpo-adapter-two'), 'what was taken back is gone at once');
});
