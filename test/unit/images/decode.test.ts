import sharp from 'sharp';
import t, { type Test } from 'tap';
import { decodingFault } from '../../../src/images/decode.ts';
import { openImageLoader, type Shape } from '../../../src/images/index.ts';
import { blackPng, twoHalves } from '../../support/pictures.ts';

const loader = openImageLoader({ trustedHosts: new Set(), renderPicture: () => null });
const WHOLE: Shape = { cut: (image) => image };
const whole = (bytes: Buffer) => loader.load(bytes, WHOLE);
const refused = (t: Test, bytes: Buffer, code: string) => t.rejects(whole(bytes), { code, status: 400 });
const colourAt = ({ data, width }: { data: Uint8Array; width: number }, x: number, y: number) =>
  [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)].map((value) => Math.round(value / 32));

t.test('every format that is read gives the same picture', async (t) => {
  const picture = twoHalves('#ff0000', '#0000ff');
  const formats = {
    png: picture.clone().png(),
    jpeg: picture.clone().jpeg({ quality: 95 }),
    webp: picture.clone().webp({ lossless: true }),
    gif: picture.clone().gif(),
    avif: picture.clone().avif({ quality: 90 }),
  };
  for (const [name, encoded] of Object.entries(formats)) {
    const raster = await whole(await encoded.toBuffer());
    t.match(raster, { width: 64, height: 48 }, name);
    t.equal(raster.data.length, 64 * 48 * 3, name);
    t.same(colourAt(raster, 8, 20), [8, 0, 0], `${name}: left is red`);
    t.same(colourAt(raster, 56, 20), [0, 0, 8], `${name}: right is blue`);
  }
});

t.test('grey, transparent, 16-bit and CMYK pictures become RGB; a turned one is upright', async (t) => {
  const grey = await whole(await twoHalves('#000', '#fff').greyscale().png().toBuffer());
  t.same(colourAt(grey, 56, 20), [8, 8, 8]);
  const clear = { width: 4, height: 4, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } as const;
  const transparent = await whole(await sharp({ create: clear }).png().toBuffer());
  t.same(colourAt(transparent, 1, 1), [8, 8, 8], 'seen on white');
  const deep = await whole(await twoHalves('#f00', '#00f').toColourspace('rgb16').png().toBuffer());
  t.same(colourAt(deep, 8, 20), [8, 0, 0]);
  const print = await whole(await twoHalves('#fff', '#000').toColourspace('cmyk').jpeg().toBuffer());
  t.same(colourAt(print, 8, 20), [8, 8, 8]);
  const turned = await whole(
    await twoHalves('#f00', '#00f').jpeg().withMetadata({ orientation: 6 }).toBuffer(),
  );
  t.match(turned, { width: 48, height: 64 });
  t.same(colourAt(turned, 24, 8), [8, 0, 0], 'what was left is above');
});

t.test('an animation is its first frame', async (t) => {
  const frames = await Promise.all(
    ['#f00', '#00f'].map((colour) => twoHalves(colour, colour).png().toBuffer()),
  );
  const animation = await sharp(frames, { join: { animated: true } })
    .gif({ delay: [100, 100] })
    .toBuffer();
  t.equal((await sharp(animation).metadata()).pages, 2);
  const raster = await whole(animation);
  t.match(raster, { width: 64, height: 48 });
  t.same(colourAt(raster, 30, 20), [8, 0, 0]);
});

t.test(
  'a PNG of 30,000 pixels a side and a decompression bomb are refused before they are decoded',
  async (t) => {
    const bomb = blackPng(16_000, 16_000);
    t.ok(bomb.length < 300_000, `${bomb.length} bytes would be 256 million pixels`);
    const started = performance.now();
    const before = process.memoryUsage.rss();
    await refused(t, bomb, 'image-too-large');
    await refused(t, blackPng(30_000, 10), 'image-too-large');
    await refused(t, blackPng(10, 30_000), 'image-too-large');
    t.ok(performance.now() - started < 500, `${performance.now() - started} ms`);
    t.ok(process.memoryUsage.rss() - before < 64 * 2 ** 20);
    await refused(t, Buffer.concat([blackPng(8, 8), Buffer.alloc(21 * 2 ** 20)]), 'image-too-large');
  },
);

t.test('a header that lies about its size does not get the memory it would need', async (t) => {
  const lying = blackPng(64, 64);
  lying.writeUInt32BE(8000, 16);
  lying.writeUInt32BE(8000, 20);
  await refused(t, lying, 'image-corrupt');
});

t.test('a picture cut short or damaged is corrupt, in every format', async (t) => {
  const noise = {
    create: {
      width: 200,
      height: 200,
      channels: 3,
      background: '#000',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  } as const;
  for (const format of ['png', 'jpeg', 'webp', 'gif', 'avif'] as const) {
    const good = await sharp(noise).toFormat(format).toBuffer();
    await refused(t, good.subarray(0, good.length / 2), 'image-corrupt');
    await refused(t, good.subarray(0, 24), 'image-corrupt');
  }
  const damaged = await sharp(noise).png().toBuffer();
  damaged.fill(0x55, 2000, 3000);
  await refused(t, damaged, 'image-corrupt');
});

t.test('an SVG from outside is refused, with or without a script in it', async (t) => {
  const svg = (inside: string) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${inside}</svg>`);
  await refused(t, svg('<rect/>'), 'svg-refused');
  await refused(t, svg('<script>alert(1)</script>'), 'svg-refused');
  await refused(t, svg('<image href="file:///etc/passwd"/>'), 'svg-refused');
  await refused(
    t,
    Buffer.from(`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "a">]>\n<svg/>`),
    'svg-refused',
  );
});

t.test('what is no picture is refused by its first bytes, whatever it is called', async (t) => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('GIF'),
    Buffer.from('<html>'),
    Buffer.from('BM0000'),
    Buffer.from('%PDF-1.7'),
  ])
    await refused(t, bytes, 'image-format');
  await refused(t, await twoHalves('#f00', '#00f').tiff().toBuffer(), 'image-format');
});

t.test('outcomes are counted by code', async (t) => {
  const counting = openImageLoader({ trustedHosts: new Set(), renderPicture: () => null });
  await counting.load(await twoHalves('#f00', '#00f').png().toBuffer(), WHOLE);
  for (const bytes of ['<svg>', '<svg>', 'nothing'])
    await counting.load(Buffer.from(bytes), WHOLE).catch(() => {});
  t.same(Object.fromEntries(counting.outcomes()), { loaded: 1, 'svg-refused': 2, 'image-format': 1 });
});

t.test('a picture whose decoding the clock ended is tried again, one that is broken is not', async (t) => {
  const large = sharp({ create: { width: 6_000, height: 6_000, channels: 3, background: '#123' } });
  const ended = await large
    .blur(300)
    .timeout({ seconds: 1 })
    .raw()
    .toBuffer()
    .catch((error) => error);
  t.match(decodingFault(ended), { code: 'image-slow', status: 503 });
  const broken = await sharp(Buffer.from('nothing'))
    .raw()
    .toBuffer()
    .catch((error) => error);
  t.match(decodingFault(broken), { code: 'image-corrupt', status: 400 });
});
