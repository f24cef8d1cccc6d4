import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { registerHooks } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { openCatalog } from '../../src/catalog/index.ts';
import type { ItemInput, SafetyPolicy } from '../../src/catalog/types.ts';
import { classifyInBackground, classifyNow } from '../../src/classification/index.ts';
import { loadConfig } from '../../src/config.ts';
import { unavailable } from '../../src/errors.ts';
import { openImageLoader } from '../../src/images/index.ts';
import { silentLog } from '../../src/log.ts';
import { openSafety, type PixelClassifier } from '../../src/safety/index.ts';
import { openSidecars } from '../../src/sidecar/index.ts';
import { contentEncoder, lexiconScorer, openMarks } from '../../src/text/index.ts';
import { childProcesses } from '../support/child-processes.ts';
import { testDatabase } from '../support/database.ts';
import { until } from '../support/own-server.ts';
import { blackPng, endlessGif } from '../support/pictures.ts';
import { writeRedClassifier } from '../support/planted-classifier.ts';

t.setTimeout(300_000);
const folder = mkdtempSync(join(tmpdir(), 'hamlet-classifier-'));
t.teardown(() => rmSync(folder, { recursive: true }));
const first = writeRedClassifier(join(folder, 'first'));
const second = writeRedClassifier(join(folder, 'second'), { version: '2', above: 0.2 });

const NO_SIDECAR = { sidecars: openSidecars(loadConfig({}), silentLog), home: folder, log: silentLog };
const CLASSIFY: SafetyPolicy = { mode: 'classify' };
const ONCE = { all: false, apply: false, share: 1 };

const dataUrl = (bytes: Buffer, type = 'png') => `data:image/${type};base64,${bytes.toString('base64')}`;
const colour = async (r: number, g = 0, b = 0) =>
  dataUrl(
    await sharp({ create: { width: 40, height: 30, channels: 3, background: { r, g, b } } })
      .png()
      .toBuffer(),
  );
const image = (id: string, url: string, more: Partial<ItemInput> = {}): ItemInput => ({
  ...{ kind: 'image', id, url },
  ...more,
});

/** A catalogue over a database, seen by the classifier of a folder; several over one are an upgrade. */
async function seenBy(t: Test, db: Awaited<ReturnType<typeof testDatabase>>, classifier: string) {
  const { rule, judge } = await openSafety(classifier, NO_SIDECAR);
  t.teardown(() => judge?.close());
  const catalog = await openCatalog(db, {
    ...{ toxicity: lexiconScorer(), marks: openMarks(), encoder: contentEncoder(), rule },
    ...{ contentDims: 4, log: silentLog },
  });
  const images = openImageLoader({ trustedHosts: new Set(['127.0.0.1']), renderPicture: () => null });
  t.teardown(images.close);
  const parts = { db, catalog, images, judge: judge! };
  const level = async (id: string, kind: 'image' | 'model' = 'image') =>
    (await catalog.get(kind, id))?.effectiveLevel;
  return {
    catalog,
    parts,
    level,
    now: (options = {}) => classifyNow(parts, { ...ONCE, ...options }, () => {}),
  };
}
const world = async (t: Test) => {
  const db = await testDatabase(t);
  return { db, ...(await seenBy(t, db, first)) };
};

t.test('an item without a level is held until its picture was looked at, then told by whom', async (t) => {
  const { catalog, parts, level } = await world(t);
  await catalog.put([image('blue', await colour(0, 0, 255)), image('red', await colour(255))], CLASSIFY);
  t.same([await level('blue'), await level('red')], [0, 0]);
  const classifier = classifyInBackground(parts, silentLog, 1);
  t.teardown(classifier.stop);
  t.ok(await until(async () => (await level('red')) === 16, 60_000));
  t.equal(await level('blue'), 1);
  t.match(await catalog.get('image', 'red'), {
    ...{ safetySource: 'classifier', safetyReasons: ['classified'] },
    safetyEvidence: { judge: parts.judge.id, scores: { redness: { red: 1, other: 0 } } },
  });
  t.equal(catalog.columns.level[catalog.columns.refOf('image', 'blue')!], 1, 'without being asked again');
});

t.test('what somebody rated is served meanwhile, raised by a step, and disputed from two on', async (t) => {
  const { catalog, level, now } = await world(t);
  const half = await colour(150);
  await catalog.put(
    [
      image('r', half, { browsingLevel: 4 }),
      image('pg13', half, { browsingLevel: 2 }),
      image('pg', half, { browsingLevel: 1 }),
      image('xxx', await colour(0), { browsingLevel: 16 }),
    ],
    CLASSIFY,
  );
  t.equal(await level('pg'), 1);
  await now();
  t.same(await Promise.all(['r', 'pg13', 'pg', 'xxx'].map((id) => level(id))), [4, 4, 0, 16]);
  t.match((await catalog.get('image', 'pg'))?.safetyReasons, ['classified', 'disputed']);
});

t.test('a picture that cannot be looked at stays held with a reason, and the rest goes on', async (t) => {
  const { catalog, level, now } = await world(t);
  const png = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'blue' } })
    .png()
    .toBuffer();
  const alpha = sharp({
    create: { width: 9, height: 9, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } },
  });
  const wide = Buffer.from(new Uint16Array(30 * 20 * 3).fill(65_535).buffer);
  const grey = sharp(wide, { raw: { width: 30, height: 20, channels: 3, depth: 'ushort' } as never });
  const cmyk = sharp(png).toColourspace('cmyk').jpeg();
  const urls = {
    cut: dataUrl(png.subarray(0, 60)),
    text: dataUrl(Buffer.from('no picture')),
    dot: dataUrl(blackPng(1, 1)),
    clear: dataUrl(await alpha.png().toBuffer()),
    sixteen: dataUrl(await grey.toColourspace('rgb16').png().toBuffer()),
    cmyk: dataUrl(await cmyk.toBuffer(), 'jpeg'),
    inside: 'http://10.0.0.1/a.png',
    none: '',
  };
  await catalog.put(
    Object.entries(urls).map(([id, url]) => image(id, url)),
    CLASSIFY,
  );
  const done = await now();
  t.match(done.failures, { 'image-corrupt': 1, 'image-format': 1, 'url-private': 1 });
  for (const id of ['cut', 'text', 'inside', 'none']) t.equal(await level(id), 0, id);
  for (const id of ['dot', 'cmyk']) t.equal(await level(id), 1, id);
  for (const id of ['clear', 'sixteen']) t.equal(await level(id), 16, `${id}: white is red, too`);
  t.match(await catalog.heldBack(10), [{ reason: 'unclassified' }]);
});

t.test(
  'one unsafe picture of an animation is enough, and an animation without end is not looked at',
  async (t) => {
    const { catalog, level, now } = await world(t);
    const frames = async (colours: string[]) => {
      const still = (background: string) =>
        sharp({ create: { width: 16, height: 16, channels: 3, background } })
          .png()
          .toBuffer();
      return sharp(await Promise.all(colours.map(still)), { join: { animated: true } })
        .gif()
        .toBuffer();
    };
    const pictures: Record<string, Buffer> = {
      '/last': await frames(['blue', 'blue', 'red']),
      '/calm': await frames(['blue', 'black', 'blue']),
      '/endless': endlessGif(10_000),
    };
    const server = createServer(({ url }, response) => response.end(pictures[url!]));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    t.teardown(() => server.close());
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await catalog.put(
      ['last', 'calm', 'endless'].map((id) => image(id, `${at}/${id}`)),
      CLASSIFY,
    );
    const done = await now();
    t.same(await Promise.all(['last', 'calm', 'endless'].map((id) => level(id))), [16, 1, 0]);
    t.match(done.failures, { 'animation-too-long': 1 });
  },
);

t.test('a model is judged by its showcases, once each was looked at', async (t) => {
  const { catalog, level, now } = await world(t);
  const shown = (id: string, url: string) => image(id, url, { modelIds: ['lora'], role: 'showcase' });
  await catalog.put(
    [
      { kind: 'model', id: 'lora', title: 'A style' },
      { kind: 'model', id: 'bare', title: 'Nothing to see' },
      shown('a', await colour(0)),
      shown('b', await colour(150)),
    ],
    CLASSIFY,
  );
  t.equal(await level('lora', 'model'), 0);
  await now();
  t.equal(await level('lora', 'model'), 4);
  t.equal(await level('bare', 'model'), 0);
  const calm = await colour(0, 0, 90);
  await catalog.put(
    Array.from({ length: 9 }, (_, n) => shown(`later-${n}`, calm)).map((one, n) => ({
      ...one,
      createdAt: `2026-01-0${n + 1}`,
    })),
    CLASSIFY,
  );
  await now();
  t.equal(await level('lora', 'model'), 4, 'newer ones hide nothing');
});

t.test('another picture is another judgement, and what was blocked by words stays blocked', async (t) => {
  const { catalog, level, now } = await world(t);
  const calm = await colour(0, 0, 200);
  await catalog.put([image('a', calm), image('b', calm, { title: 'nude', tags: ['ch1ld'] })], CLASSIFY);
  await now();
  t.same([await level('a'), await level('b')], [1, 32]);
  await catalog.put([image('a', calm, { title: 'renamed' })], CLASSIFY);
  t.equal(await level('a'), 1, 'the picture is the same');
  await catalog.put([image('a', await colour(255))], CLASSIFY);
  t.equal(await level('a'), 0);
  await now();
  t.equal(await level('a'), 16);
});

t.test('what another version of a classifier says is listed, and acts when it is applied', async (t) => {
  const { db, catalog, level, now } = await world(t);
  const pink = await colour(90);
  await catalog.put([image('pink', pink), image('blue', await colour(0, 0, 200))], CLASSIFY);
  await catalog.put([image('rated', pink, { browsingLevel: 2 })], { mode: 'unknown' });
  await now();
  t.equal(await level('pink'), 1);
  const later = await seenBy(t, db, second);
  const listed = await later.now({ all: true });
  t.match(listed, {
    applied: false,
    classified: 3,
    changes: { '1→4': 1, '2→4': 1 },
    evidence: { waiting: 3 },
  });
  t.equal(await level('pink'), 1, 'nothing acts before it is told to');
  await later.catalog.put([image('new', pink)], CLASSIFY);
  await later.now();
  t.equal(await level('new'), 4, 'what nobody has judged yet does not wait');
  t.match(await later.now({ apply: true }), { classified: 0, changes: { '1→4': 1, '2→4': 1 } });
  t.same([await level('pink'), await level('rated'), await level('blue')], [4, 4, 1]);
  t.match(await later.now({ apply: true }), { changes: {}, evidence: { waiting: 0 } });
});

t.test(
  'a classifier that answers no numbers, or dies at one picture, leaves that held and goes on',
  async (t) => {
    const { db, catalog, parts, level } = await world(t);
    await catalog.put(
      await Promise.all([0, 50, 100].map(async (r) => image(`r${r}`, await colour(r)))),
      CLASSIFY,
    );
    const [real] = parts.judge.classifiers;
    const moody: PixelClassifier = {
      ...real!,
      async classify(pictures) {
        if (pictures.some(({ data }) => data[0] === 50))
          throw unavailable('classifier-failed', 'its thread ended (139)', 30);
        const scores = await real!.classify(pictures);
        return scores.map((score, n) =>
          pictures[n]!.data[0] === 100 ? { ...score, red: Number.NaN } : score,
        );
      },
    };
    const done = await classifyNow(
      { ...parts, judge: { ...parts.judge, classifiers: [moody] } },
      ONCE,
      () => {},
    );
    t.match(done.failures, { 'classifier-failed': 1, 'classifier-answer-invalid': 1 });
    t.same(await Promise.all(['r0', 'r50', 'r100'].map((id) => level(id))), [1, 0, 0]);
    const again = await seenBy(t, db, first);
    await again.now();
    t.same(await Promise.all(['r0', 'r50', 'r100'].map((id) => level(id))), [1, 1, 1]);
  },
);

t.test('a network that crashes in the middle of a batch takes nothing else with it', async (t) => {
  const { catalog, parts, level } = await world(t);
  await catalog.put(
    await Promise.all([0, 50, 100].map(async (r) => image(`r${r}`, await colour(r)))),
    CLASSIFY,
  );
  const [real] = parts.judge.classifiers;
  const networks = () => childProcesses(process.pid, 'onnx-process');
  let crashes = 0;
  const fragile: PixelClassifier = {
    ...real!,
    async classify(pictures) {
      if (!pictures.some(({ data }) => data[0] === 50)) return real!.classify(pictures);
      // Stopped, it cannot answer before it is killed.
      for (const pid of networks()) process.kill(pid, 'SIGSTOP');
      const asked = real!.classify(pictures);
      asked.catch(() => {});
      await until(() => networks().length > 0);
      for (const pid of networks()) process.kill(pid, 'SIGKILL');
      crashes++;
      return asked;
    },
  };
  const judge = { ...parts.judge, classifiers: [fragile] };
  const done = await classifyNow({ ...parts, judge }, ONCE, () => {});
  t.ok(crashes >= 2, 'in the batch, and again alone');
  t.same(done.failures, { 'classifier-failed': 1 });
  t.same(await Promise.all(['r0', 'r50', 'r100'].map((id) => level(id))), [1, 0, 1]);
});

t.test(
  'a `classify` killed by SIGKILL goes on: each picture is looked at once, and none is left out',
  async (t) => {
    const { db, catalog, now } = await world(t);
    const PICTURES = 120;
    const urls = await Promise.all(Array.from({ length: PICTURES }, (_, n) => colour(n)));
    await catalog.put(
      urls.map((url, n) => image(`p${n}`, url)),
      CLASSIFY,
    );
    const { host, database } = db.pool.options as { host: string; database: string };
    const script = resolve(import.meta.dirname, '../support/classify-until-killed.ts');
    const child = spawn(process.execPath, [script, host, database, first], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const classified = async () =>
      (
        await db.pool.query<{ n: number; at: string }>(
          'select count(*)::int as n, max(measured_at)::text as at from item_evidence',
        )
      ).rows[0]!;
    await new Promise<void>((done) => child.stdout.once('data', () => child.kill('SIGKILL') && done()));
    await once(child, 'exit');
    const { n: before, at } = await classified();
    t.ok(before > 0 && before < PICTURES, `${before} before it was killed`);
    const done = await now();
    t.match(done, { classified: PICTURES - before, failed: 0, evidence: { inForce: PICTURES } });
    const { rows } = await db.pool.query('select 1 from item_evidence where measured_at <= $1', [at]);
    t.equal(rows.length, before, 'what was stored was not looked at again');
    t.equal((await db.pool.query('select 1 from classification_attempts')).rows.length, 0);
  },
);

t.test('without its npm package nsfwjs looks at nothing, and what waits for it stays held', async (t) => {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith('nsfwjs')) throw new Error('it is not installed');
      return next(specifier, context);
    },
  });
  const { judge, problem, rule } = await openSafety('nsfwjs', NO_SIDECAR);
  hooks.deregister();
  t.equal(judge, null);
  t.match(problem, { code: 'classifier-missing', message: /npm package nsfwjs/ });
  t.ok(rule.classifiers.nsfwjs, 'evidence that it gave before still counts');
});

t.test(
  'while no sidecar is there what open_nsfw is asked for stays held, and is free for the next try',
  async (t) => {
    const { db, catalog, level } = await world(t);
    await catalog.put([image('a', await colour(0)), image('b', await colour(9))], CLASSIFY);
    const away = await seenBy(t, db, 'open-nsfw');
    await t.rejects(away.now(), { code: /^sidecar-/ });
    t.equal(await level('a'), 0);
    const { rows } = await db.pool.query('select code from classification_attempts where retry_at <= now()');
    t.same(rows, [{ code: null }, { code: null }], 'neither picture is to blame');
  },
);

t.test('a classifier that is not there holds everything that waits for it, and says so', async (t) => {
  const { judge, problem } = await openSafety(join(folder, 'nowhere'), NO_SIDECAR);
  t.equal(judge, null);
  t.match(problem, { code: 'classifier-missing' });
});
