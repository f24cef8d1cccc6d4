import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { offerPictures, readPicturesOf } from '../../src/embedding/index.ts';
import { openImageLoader } from '../../src/images/index.ts';
import {
  createClipEncoder,
  readClipFolder,
  readTensor,
  shapeOf,
  verifyArtifact,
} from '../../src/models/index.ts';
import { testCatalog } from '../support/catalog.ts';
import { writeColourClip } from '../support/colour-clip.ts';
import { testDatabase } from '../support/database.ts';
import { twoHalves } from '../support/pictures.ts';

t.setTimeout(300_000);
const home = t.testdir({ clip: {} });
writeColourClip(join(home, 'clip'), { dims: 8 });
const folder = await readClipFolder(join(home, 'clip'));
const encoder = createClipEncoder(folder);
const clip = { path: folder.path, encoder, problem: null, close: encoder.close };
t.teardown(encoder.close);
const db = await testDatabase(t);
const catalog = await testCatalog(db, 8);
const images = openImageLoader({ trustedHosts: new Set(), renderPicture: () => null });
t.teardown(images.close);
const readPictures = readPicturesOf({ db, images });
const parts = { db, home, clip, readPictures };

const dataUrl = async (rgb: string) =>
  `data:image/png;base64,${(await twoHalves(rgb, rgb, 40, 40).png().toBuffer()).toString('base64')}`;
const [red, blue] = [await dataUrl('rgb(255,0,0)'), await dataUrl('rgb(0,0,255)')];
const showcase = (id: string, url: string) => ({
  ...{
    kind: 'image' as const,
    id,
    title: id,
    url,
    browsingLevel: 1,
    modelIds: ['lora'],
    role: 'showcase' as const,
  },
});
await catalog.put(
  [
    { kind: 'model', id: 'lora', title: 'lora', browsingLevel: 1 },
    showcase('a', red),
    showcase('b', blue),
    { kind: 'image', id: 'broken', title: 'broken', url: `${red.slice(0, 60)}`, browsingLevel: 1 },
    { kind: 'image', id: 'bare', title: 'bare', browsingLevel: 1 },
  ],
  { mode: 'trusted' },
);
const ref = (kind: 'image' | 'model', id: string) => catalog.columns.refOf(kind, id)!;

t.test('pictures of items are their own, or the showcases of a model that has none', async (t) => {
  const all = [ref('model', 'lora'), ...['a', 'b', 'broken', 'bare'].map((id) => ref('image', id))];
  const found = await readPictures(all, shapeOf(folder.preprocessing));
  t.same([...found.keys()].sort(), [ref('model', 'lora'), ref('image', 'a'), ref('image', 'b')].sort());
  t.equal(found.get(ref('model', 'lora'))!.length, 2);
  t.same([...found.get(ref('image', 'a'))![0]!.subarray(0, 3)], [255, 0, 0]);
});

t.test('a training is given the pictures of what people had to do with, and CLIP', async (t) => {
  const spec = { snapshot: 'latest', visionBlocks: 1, items: 'image' };
  t.equal(await offerPictures(parts, { snapshot: 'latest' }), null, 'who asks for none gets none');
  await t.rejects(offerPictures(parts, spec), { code: 'pictures-missing' }, 'nobody did anything yet');
  await t.rejects(offerPictures({ ...parts, clip: { ...clip, encoder: null } }, spec), {
    code: 'clip-model-missing',
  });
  await db.pool.query(
    `insert into users (id) values ('ann');
     insert into events (event_id, user_ref, item_ref, type, occurred_at, seq)
       select 'e' || i.ref, (select ref from users where id = 'ann'), i.ref, 5, now(), i.ref from items i
       where i.id <> 'b'`,
  );
  const given = (await offerPictures(parts, spec))!;
  t.equal(given.pixels.length, 1);
  const part = join(home, 'artifacts', given.pixels[0]!);
  t.match((await verifyArtifact(part)).parameters, { encoder: folder.id, crop: 1, kernel: 3, mean0: Number });
  t.same(
    JSON.parse(await readFile(join(part, 'shown.json'), 'utf8')),
    [[ref('image', 'a')]],
    'the broken is left out',
  );
  t.same(readTensor(await readFile(join(part, 'pixels.safetensors')), 'pixels').shape, [1, 32, 32, 3]);
  t.match(given.clip, /^clip-8-/);
  t.same(await offerPictures(parts, spec), given, 'the same again is the same');
  t.equal(await offerPictures(parts, { ...spec, ...given }), null, 'what was given stays');
  const both = (await offerPictures(parts, { ...spec, of: 'content' }))!;
  const shown = JSON.parse(await readFile(join(home, 'artifacts', both.pixels[0]!, 'shown.json'), 'utf8'));
  t.same(shown.flat().sort(), [ref('model', 'lora'), ref('model', 'lora'), ref('image', 'a')].sort());
});

t.test('pictures of a model are in the catalogue’s order, whichever is loaded first', async (t) => {
  let slow: string | undefined;
  const late = readPicturesOf({
    db,
    images: {
      async load(source, shape) {
        slow ??= source as string;
        if (source === slow) await sleep(100);
        return images.load(source, shape);
      },
    },
  });
  const shape = shapeOf(folder.preprocessing);
  const lora = ref('model', 'lora');
  t.same((await late([lora], shape)).get(lora), (await readPictures([lora], shape)).get(lora));
});

t.test('nothing is offered that may not be learned from', async (t) => {
  const spec = { snapshot: 'latest', visionBlocks: 1, items: 'image' };
  const offered = async () => {
    const { pixels } = (await offerPictures(parts, spec))!;
    return JSON.parse(await readFile(join(home, 'artifacts', pixels[0]!, 'shown.json'), 'utf8')).flat();
  };
  const set = (what: string) => db.pool.query(`update items set ${what} where id = 'a'`);
  await db.pool.query(
    `insert into events (event_id, user_ref, item_ref, type, occurred_at, seq)
       select 'seen-b', (select ref from users where id = 'ann'), ref, 5, now(), 1000 from items where id = 'b'`,
  );
  const [a, b] = [ref('image', 'a'), ref('image', 'b')];
  t.same(await offered(), [a, b]);
  for (const [what, back] of [
    ['effective_level = 32', 'effective_level = 1'],
    ['effective_level = 0', 'effective_level = 1'],
    ['flags = flags | 16', 'flags = flags & ~16'],
    ['flags = flags | 32', 'flags = flags & ~32'],
    ["creator_ref = (select ref from users where id = 'shy')", 'creator_ref = null'],
  ] as const) {
    await db.pool.query(
      `insert into users (id, preferences) values ('shy', '{"excludeFromTraining": true}') on conflict do nothing`,
    );
    await set(what);
    t.same(await offered(), [b], what);
    await set(back);
  }
  t.same(await offered(), [a, b]);
});
