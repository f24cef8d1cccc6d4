import sharp from 'sharp';
import t from 'tap';
import { openImageLoader, openSendable } from '../../../src/images/index.ts';

const images = openImageLoader({ trustedHosts: new Set(), renderPicture: () => null });
t.teardown(() => images.close());
const sendable = openSendable(images, 96);

async function picture(width: number, height: number): Promise<string> {
  const create = { width, height, channels: 3 as const, background: 'teal' };
  return `data:image/png;base64,${(await sharp({ create }).png().toBuffer()).toString('base64')}`;
}
const sizeOf = async (jpeg: Buffer) => {
  const { format, width, height } = await sharp(jpeg).metadata();
  return { format, width, height };
};

t.test(
  'a picture is sent as a JPEG whose longest side is as configured, in its own proportions',
  async (t) => {
    t.same(await sizeOf(await sendable(await picture(300, 100))), { format: 'jpeg', width: 96, height: 32 });
    t.same(await sizeOf(await sendable(await picture(100, 400))), { format: 'jpeg', width: 24, height: 96 });
  },
);

t.test('a small one stays as small as it is', async (t) => {
  t.same(await sizeOf(await sendable(await picture(40, 30))), { format: 'jpeg', width: 40, height: 30 });
});

t.test('what does not decode is not sent', async (t) => {
  await t.rejects(sendable('data:image/png;base64,AAAA'), { code: 'image-format' });
});
