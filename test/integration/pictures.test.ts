import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { openDrawings, openPictures, renderPicture, worldSize } from '../../seed/index.ts';
import { makeWorld } from '../../seed/world.ts';

const IDS = makeWorld(worldSize('small')).pictures.map(({ id }) => id);
const shown = new Set(IDS.slice(0, 30));
const open = (home: string) => openPictures(home, (id) => shown.has(id));

t.test('a page of pictures is drawn beside the event loop, which goes on', async (t) => {
  const pictures = open(t.testdir());
  t.teardown(() => pictures.close());
  const before = performance.eventLoopUtilization();
  const page = await Promise.all(IDS.slice(0, 8).map((id) => pictures.webp(id)!));
  const { utilization } = performance.eventLoopUtilization(before);
  for (const picture of page) t.match(await sharp(picture).metadata(), { format: 'webp', width: 512 });
  t.ok(utilization < 0.3, `the loop was busy for ${Math.round(100 * utilization)} % of the time`);
});

t.test('one picture is drawn once, however many ask, and lies on disk for the next start', async (t) => {
  const home = t.testdir();
  const [id] = IDS as [string];
  const first = open(home);
  const asked = await Promise.all([first.webp(id), first.webp(id), first.webp(id)]);
  t.equal(asked[1], asked[0], 'the very same bytes');
  await first.close();
  t.same(await readdir(join(home, 'v1/512')), [`${id}.webp`]);
  const second = open(home);
  t.teardown(() => second.close());
  t.same(await second.webp(id), asked[0]);
});

t.test('what is no picture, or not to be shown, is neither drawn nor looked for', async (t) => {
  const home = t.testdir();
  const pictures = openPictures(home, (id) => shown.has(id) || id.includes('..'));
  t.teardown(() => pictures.close());
  t.equal(pictures.webp('../../../etc/passwd'), null);
  t.equal(pictures.webp(IDS[100]!), null);
  t.same(await readdir(home), []);
});

t.test('when too many wait, a caller is told to come back', async (t) => {
  const pictures = openPictures(t.testdir(), () => true);
  t.teardown(() => pictures.close());
  const base = IDS[0]!.replace(/\d+$/u, '');
  const all = Array.from({ length: 600 }, (_, n) =>
    pictures.webp(`${base}${n}`)!.then(
      () => null,
      (error) => error.code,
    ),
  );
  const refused = await Promise.race(all.slice(-50));
  t.equal(refused, 'pictures-busy');
});

t.test('a small one is the same picture, and what was warmed lies there already', async (t) => {
  const home = t.testdir();
  const pictures = open(home);
  t.teardown(() => pictures.close());
  const [id] = IDS as [string];
  await pictures.warm([id, 'no-picture'], 256);
  t.same(await readdir(join(home, 'v1/256')), [`${id}.webp`]);
  const pixels = (picture: Buffer) => sharp(picture).resize(32).removeAlpha().raw().toBuffer();
  const [small, large] = [(await pictures.webp(id, 256))!, (await pictures.webp(id))!];
  t.match(await sharp(small).metadata(), { width: 256, height: 256 });
  const other = await pixels(large);
  const apart = (await pixels(small)).reduce((sum, value, n) => sum + Math.abs(value - other[n]!), 0);
  t.ok(apart / other.length < 12, `${apart / other.length} of 255 apart`);
});

t.test('the embedder gets a picture’s outline from a thread, the same as is drawn here', async (t) => {
  const drawings = openDrawings();
  t.teardown(drawings.close);
  const id = IDS[0]!;
  t.equal(await drawings.svg(id), renderPicture(id));
  t.equal(await drawings.svg('no-picture'), null);
});
