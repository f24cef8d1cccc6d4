import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ItemInput } from '../../src/catalog/types.ts';
import {
  embeddingFailures,
  embeddingReport,
  embedInBackground,
  embedNow,
} from '../../src/embedding/index.ts';
import { embeddingQueue } from '../../src/embedding/queue.ts';
import { openImageLoader } from '../../src/images/index.ts';
import { silentLog } from '../../src/log.ts';
import { type ClipEncoder, createClipEncoder, readClipFolder } from '../../src/models/index.ts';
import { testCatalog } from '../support/catalog.ts';
import { COLOURS, writeColourClip } from '../support/colour-clip.ts';
import { testDatabase } from '../support/database.ts';
import { until } from '../support/own-server.ts';
import { twoHalves } from '../support/pictures.ts';

type Colour = keyof typeof COLOURS;
t.setTimeout(300_000);

const DIMS = 8;
const POLICY = { mode: 'trusted' } as const;
const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);

const folder = mkdtempSync(join(tmpdir(), 'hamlet-clip-'));
t.teardown(() => rmSync(folder, { recursive: true }));
writeColourClip(folder, { dims: DIMS });
const encoder = createClipEncoder(await readClipFolder(folder));
t.teardown(encoder.close);

const png = (colour: Colour) => {
  const rgb = `rgb(${COLOURS[colour].map((part) => part * 255).join(', ')})`;
  return twoHalves(rgb, rgb, 40, 40).png().toBuffer();
};
const dataUrl = async (colour: Colour) => `data:image/png;base64,${(await png(colour)).toString('base64')}`;
const image = (id: string, url: string, more: Partial<ItemInput> = {}): ItemInput => ({
  ...{ kind: 'image', id, title: id, url, browsingLevel: 1 },
  ...more,
});

/** A database of its own, and how its items are seen. */
async function world(t: Test) {
  const db = await testDatabase(t);
  const catalog = await testCatalog(db, DIMS);
  const images = openImageLoader({ trustedHosts: new Set(['127.0.0.1']), renderPicture: () => null });
  t.teardown(images.close);
  const parts = { db, catalog, images, encoder };
  const vectorOf = async (kind: 'image' | 'model', id: string) => {
    const ref = catalog.columns.refOf(kind, id)!;
    return (await catalog.vectors('clip', [ref])).get(ref);
  };
  return { ...parts, parts, vectorOf };
}

const shows = async (vector: Float32Array | undefined, colour: Colour, by: ClipEncoder = encoder) =>
  vector !== undefined && cosine(vector, await by.encodeText(colour)) > 0.999;

t.test('an item is seen soon after it was put, and the catalogue clock tells everybody', async (t) => {
  const { catalog, parts, vectorOf } = await world(t);
  const embedder = embedInBackground(parts, silentLog, 1);
  t.teardown(embedder.stop);
  const [put] = await catalog.put([image('a', await dataUrl('red'))], POLICY);
  t.equal(put!.status, 'created');
  t.equal(await vectorOf('image', 'a'), undefined, 'the put itself waits for nothing');
  const version = catalog.columns.version;
  t.ok(await until(async () => shows(await vectorOf('image', 'a'), 'red'), 60_000));
  t.ok(catalog.columns.version > version);
  await catalog.put([image('b', await dataUrl('blue'))], POLICY);
  t.ok(await until(async () => shows(await vectorOf('image', 'b'), 'blue'), 60_000));
});

t.test('a picture that cannot be read is noted with its reason and holds up no other', async (t) => {
  const { db, catalog, parts, vectorOf } = await world(t);
  const cut = `data:image/png;base64,${(await png('red')).subarray(0, 60).toString('base64')}`;
  const urls = {
    cut,
    inside: 'http://10.0.0.1/a.png',
    none: '/pictures/none.webp',
    good: await dataUrl('green'),
  };
  await catalog.put(
    Object.entries(urls).map(([id, url]) => image(id, url)),
    POLICY,
  );
  const done = await embedNow(parts, { all: false }, () => {});
  t.match(done, { embedded: 1, failed: 3 });
  t.ok(await shows(await vectorOf('image', 'good'), 'green'));
  t.same((await embeddingReport(db)).failures, {
    'image-corrupt': 1,
    'picture-unknown': 1,
    'url-private': 1,
  });
  const failures = await embeddingFailures(db, 10);
  t.match(
    failures.find(({ id }) => id === 'inside'),
    { kind: 'image', code: 'url-private', attempts: 1, retryAt: null },
  );
  t.equal(
    (await embedNow(parts, { all: false }, () => {})).failed,
    3,
    'asked for by hand, they are tried again',
  );
  await catalog.put([image('cut', await dataUrl('blue'))], POLICY);
  t.match(await embedNow(parts, { all: false }, () => {}), { embedded: 1, failed: 2 });
  t.ok(await shows(await vectorOf('image', 'cut'), 'blue'), 'another picture is another try');
});

t.test('a server in trouble is asked again later, each time after a longer wait', async (t) => {
  const { db, catalog, parts, vectorOf } = await world(t);
  let works = false;
  const picture = await png('blue');
  const server = createServer((_, response) =>
    works ? response.end(picture) : response.writeHead(503).end(),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => server.close());
  await catalog.put([image('late', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)], POLICY);
  const embedder = embedInBackground(parts, silentLog, 1);
  t.teardown(embedder.stop);
  const failure = async () => (await embeddingFailures(db, 1))[0];
  const waitOf = async () => (Date.parse((await failure())!.retryAt!) - Date.now()) / 60_000;
  const dueNow = () => db.pool.query('update embedding_attempts set retry_at = now()');
  t.ok(await until(async () => (await failure())?.attempts === 1, 60_000));
  t.match(await failure(), { code: 'url-unreachable' });
  const first = await waitOf();
  await dueNow();
  t.ok(await until(async () => (await failure())?.attempts === 2, 60_000));
  const second = await waitOf();
  t.ok(first > 0.9 && first < 1.1 && second > 1.9 && second < 2.1, `${first} and ${second} minutes`);
  works = true;
  await dueNow();
  t.ok(await until(async () => shows(await vectorOf('image', 'late'), 'blue'), 60_000));
  t.ok(await until(async () => (await failure()) === undefined, 60_000));
});

t.test('an item that shows another picture loses the vector of the old one at once', async (t) => {
  const { catalog, parts, vectorOf } = await world(t);
  await catalog.put([image('a', await dataUrl('red'))], POLICY);
  await embedNow(parts, { all: false }, () => {});
  await catalog.put([image('a', await dataUrl('red'), { title: 'Another title' })], POLICY);
  t.ok(await shows(await vectorOf('image', 'a'), 'red'), 'the same picture keeps its vector');
  await catalog.put([image('a', await dataUrl('blue'))], POLICY);
  t.equal(await vectorOf('image', 'a'), undefined);
  await embedNow(parts, { all: false }, () => {});
  t.ok(await shows(await vectorOf('image', 'a'), 'blue'));
});

t.test('a vector made of a picture that was replaced meanwhile is not stored', async (t) => {
  const { catalog, vectorOf } = await world(t);
  const [put] = await catalog.put([image('a', await dataUrl('red'))], POLICY);
  const vector = await encoder.encodeText('red');
  await catalog.put([image('a', await dataUrl('blue'))], POLICY);
  await catalog.storeMeasured('clip', encoder.id, [{ ref: put!.ref, url: await dataUrl('red'), vector }]);
  t.equal(await vectorOf('image', 'a'), undefined);
});

t.test('declared vectors stay; those of another model go before any is compared with them', async (t) => {
  const { db, catalog, parts, vectorOf } = await world(t);
  const declared = [...(await encoder.encodeText('green'))];
  await catalog.put(
    [
      image('own', await dataUrl('red'), { vector: declared }),
      image('shipped', await dataUrl('red'), { vector: declared, vectorSource: encoder.id }),
      image('old', await dataUrl('red'), { vector: declared, vectorSource: 'clip/8@older' }),
    ],
    POLICY,
  );
  t.match((await embeddingReport(db)).vectors, { declared: 1, measured: 2 });
  const embedder = embedInBackground(parts, silentLog, 1);
  t.teardown(embedder.stop);
  t.ok(
    await until(async () => shows(await vectorOf('image', 'old'), 'red'), 60_000),
    'measured by this model',
  );
  t.ok(await shows(await vectorOf('image', 'own'), 'green'));
  t.ok(await shows(await vectorOf('image', 'shipped'), 'green'));
  await embedder.stop();
  const done = await embedNow(parts, { all: true }, () => {});
  t.match(done, { embedded: 2, vectors: { declared: 1, measured: 2, missing: 0 } });
  t.ok(await shows(await vectorOf('image', 'shipped'), 'red'), '--all measures again what was not declared');
});

t.test('a model is seen by its own picture, or by the pictures that show what it makes', async (t) => {
  const { catalog, parts, vectorOf } = await world(t);
  const model = (id: string, url: string): ItemInput => ({
    kind: 'model',
    id,
    title: id,
    url,
    browsingLevel: 1,
  });
  const shown = async (id: string, colour: Colour, role: 'showcase' | 'historical') =>
    image(id, await dataUrl(colour), { modelIds: ['bare'], role });
  await catalog.put(
    [
      model('pictured', await dataUrl('blue')),
      ...[model('bare', ''), model('unused', '')],
      ...[await shown('s1', 'red', 'showcase'), await shown('s2', 'white', 'showcase')],
      await shown('h1', 'blue', 'historical'),
    ],
    POLICY,
  );
  t.equal((await embedNow(parts, { all: false }, () => {})).embedded, 5);
  t.ok(await shows(await vectorOf('model', 'pictured'), 'blue'));
  t.equal(await vectorOf('model', 'unused'), undefined);
  const mean = (await vectorOf('model', 'bare'))!;
  const [red, white] = [await vectorOf('image', 's1'), await vectorOf('image', 's2')];
  t.ok(Math.abs(cosine(mean, red!) - cosine(mean, white!)) < 1e-6, 'in the middle of its showcases');
  t.ok(Math.abs(cosine(mean, mean) - 1) < 1e-6);
});

t.test('several processes share the pictures, and one that died leaves its own to the others', async (t) => {
  const { db, catalog, parts, vectorOf } = await world(t);
  const colours = Object.keys(COLOURS) as Colour[];
  const ids = Array.from({ length: 120 }, (_, n) => `i${n}`);
  await catalog.put(
    await Promise.all(ids.map(async (id, n) => image(id, await dataUrl(colours[n % 4]!)))),
    POLICY,
  );
  const { claims } = await embeddingQueue(db).claimNew(encoder.id, { version: 0, ref: 0 }, 10);
  t.equal(claims.length, 10, 'claimed by a process that is then killed');
  const second = { ...parts, catalog: await testCatalog(db, DIMS) };
  const both = [parts, second].map((one) => embedInBackground(one, silentLog, 1));
  t.teardown(() => Promise.all(both.map((one) => one.stop())));
  const missing = async () => (await embeddingReport(db)).vectors.missing;
  t.ok(await until(async () => (await missing()) === 10, 60_000));
  t.equal(parts.images.outcomes().get('loaded'), 110, 'each was loaded once');
  await db.pool.query('update embedding_attempts set retry_at = now()');
  t.ok(await until(async () => (await missing()) === 0, 60_000));
  for (const [n, id] of ids.entries()) t.ok(await shows(await vectorOf('image', id), colours[n % 4]!), id);
});

t.test('pictures wait while the model fails, and none is blamed for it', async (t) => {
  const { db, catalog, parts, vectorOf } = await world(t);
  await catalog.put([image('a', await dataUrl('red'))], POLICY);
  const broken = { ...encoder, encodePixels: () => Promise.reject(new Error('out of memory')) };
  await t.rejects(
    embedNow({ ...parts, encoder: broken }, { all: false }, () => {}),
    { message: 'out of memory' },
  );
  t.same((await embeddingReport(db)).failures, {});
  await embedNow(parts, { all: false }, () => {});
  t.ok(await shows(await vectorOf('image', 'a'), 'red'));
});

t.test('the share of the processor is kept', async (t) => {
  const { catalog, parts } = await world(t);
  const urls = await Promise.all((Object.keys(COLOURS) as Colour[]).map(dataUrl));
  const put = (n: number, prefix: string) =>
    catalog.put(
      Array.from({ length: n }, (_, i) => image(`${prefix}${i}`, urls[i % 4]!)),
      POLICY,
    );
  const secondsFor = async (share: number, prefix: string) => {
    await put(128, prefix);
    const last = parts.images.outcomes().get('loaded') ?? 0;
    const began = performance.now();
    const embedder = embedInBackground(parts, silentLog, share);
    await until(() => parts.images.outcomes().get('loaded') === last + 128, 90_000);
    const seconds = (performance.now() - began) / 1000;
    await embedder.stop();
    return seconds;
  };
  await secondsFor(1, 'warm');
  const [whole, tenth] = [await secondsFor(1, 'a'), await secondsFor(0.1, 'b')];
  t.ok(tenth > 2 * whole, `${tenth} s against ${whole} s`);
});
