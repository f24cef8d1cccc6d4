import sharp from 'sharp';
import t from 'tap';
import { openImageLoader } from '../../../../src/images/index.ts';
import { normalise, readPreprocessing, shapeOf } from '../../../../src/models/clip/preprocessing.ts';
import { blackPng, twoHalves } from '../../../support/pictures.ts';

const images = openImageLoader({ trustedHosts: new Set(), renderPicture: () => null });
const CLIP = {
  ...{ do_resize: true, size: { shortest_edge: 224 }, do_center_crop: true, crop_size: 224, resample: 3 },
  ...{ do_normalize: true, rescale_factor: 1 / 255 },
  ...{ image_mean: [0.48145466, 0.4578275, 0.40821073], image_std: [0.26862954, 0.26130258, 0.27577711] },
};

t.test('sizes may be numbers, sides or a shortest edge, as folders of all years write them', async (t) => {
  t.match(readPreprocessing(CLIP), { size: 224, crop: 1, kernel: 'cubic' });
  t.match(readPreprocessing({ ...CLIP, size: 224 }), { size: 224, crop: 1 });
  t.match(readPreprocessing({ ...CLIP, size: { shortest_edge: 256 }, resample: 2 }), {
    crop: 224 / 256,
    kernel: 'linear',
  });
  t.match(readPreprocessing({ ...CLIP, size: { height: 224, width: 224 }, do_center_crop: false }), {
    crop: null,
  });
  t.match(readPreprocessing({ ...CLIP, do_normalize: false }), { mean: [0, 0, 0], std: [1, 1, 1] });
});

t.test(
  'the middle of any picture becomes the square, upright, and a thread of a picture does no harm',
  async (t) => {
    const shape = shapeOf(readPreprocessing({ ...CLIP, size: 32, crop_size: 32 }));
    const at = (data: Uint8Array, x: number, y: number) => data[(y * 32 + x) * 3]!;
    const stripes = await sharp({ create: { width: 300, height: 100, channels: 3, background: '#000' } })
      .composite([
        {
          input: { create: { width: 100, height: 100, channels: 3, background: '#fff' } },
          left: 100,
          top: 0,
        },
      ])
      .png()
      .toBuffer();
    const middle = await images.load(stripes, shape);
    t.match(middle, { width: 32, height: 32 });
    t.ok(
      middle.data.every((value) => value > 250),
      'only the white middle is seen',
    );
    const turned = await twoHalves('#fff', '#000', 90, 90)
      .jpeg({ quality: 100 })
      .withMetadata({ orientation: 8 })
      .toBuffer();
    const upright = await images.load(turned, shape);
    t.ok(at(upright.data, 16, 28) > 250 && at(upright.data, 16, 4) < 5, 'what was left is below');
    const cut = await images.load(stripes, shapeOf(readPreprocessing({ ...CLIP, size: 64, crop_size: 32 })));
    t.ok(cut.data.every((value) => value > 250));
    const squeezed = await images.load(
      stripes,
      shapeOf(readPreprocessing({ ...CLIP, size: { height: 32, width: 32 }, do_center_crop: false })),
    );
    t.ok(at(squeezed.data, 1, 16) < 5 && at(squeezed.data, 16, 16) > 250 && at(squeezed.data, 30, 16) < 5);
    for (const thread of [blackPng(16_000, 1), blackPng(1, 16_000), blackPng(1, 1)])
      t.match(await images.load(thread, shape), { width: 32, height: 32 });
  },
);

t.test('the square is what resizing first and cutting then gives', async (t) => {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const picture = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#000', noise } })
    .blur(6)
    .png()
    .toBuffer();
  const ours = (await images.load(picture, shapeOf(readPreprocessing(CLIP)))).data;
  const theirs = await sharp(picture)
    .resize(299, 224, { fit: 'fill', kernel: 'cubic' })
    .extract({ left: 37, top: 0, width: 224, height: 224 })
    .raw()
    .toBuffer();
  const difference = ours.reduce((sum, value, i) => sum + Math.abs(value - theirs[i]!), 0) / ours.length;
  t.ok(difference < 1, `${difference} of 255`);
});

t.test('numbers for the network are planes of (x/255 − mean)/std', async (t) => {
  const preprocessing = { ...readPreprocessing(CLIP), size: 2 };
  const pixels = Uint8Array.from({ length: 2 * 4 * 3 }, (_, i) => i * 10);
  const planes = normalise(pixels, 2, preprocessing);
  for (const [picture, channel, pixel] of [
    [0, 0, 0],
    [0, 2, 3],
    [1, 1, 2],
  ] as const) {
    const value = pixels[picture * 12 + pixel * 3 + channel]!;
    const expected = (value / 255 - preprocessing.mean[channel]) / preprocessing.std[channel];
    t.ok(Math.abs(planes[(picture * 3 + channel) * 4 + pixel]! - expected) < 1e-5);
  }
});
