import t from 'tap';
import { readShowcase, renderPicture, worldSize } from '../../../seed/index.ts';
import { lookAtWorld } from '../../../seed/vectors/make.ts';
import { readShippedVectors } from '../../../seed/vectors/shipped.ts';
import { makeWorld } from '../../../seed/world.ts';
import { openImageLoader } from '../../../src/images/index.ts';
import { silentLog } from '../../../src/log.ts';
import { openClip } from '../../../src/models/index.ts';

t.setTimeout(300_000);

t.test('a sample of the vectors that ship is what the model that ships sees', async (t) => {
  const clip = await openClip({ CLIP_MODEL: '', CONTENT_DIMS: 0 }, { hasPictures: true, log: silentLog });
  const images = openImageLoader({ trustedHosts: new Set(), renderPicture, readShowcase });
  t.teardown(() => Promise.all([clip.close(), images.close()]));
  const { items } = makeWorld(worldSize('full'));
  const shipped = (await readShippedVectors(items))!;
  t.match(shipped, { encoder: clip.encoder!.id, dims: clip.encoder!.dims });

  const every = Math.floor(items.length / 8);
  const sample = [...items.keys()].filter((index) => index % every === 5 && items[index]!.url !== '');
  const seen = await lookAtWorld(
    sample.map((index) => items[index]!),
    { encoder: clip.encoder!, images },
    () => {},
  );
  t.ok(sample.length >= 6);
  for (const [n, index] of sample.entries()) {
    const cosine = seen[n]!.reduce((sum, value, d) => sum + value * shipped.vectorOf(index)![d]!, 0);
    t.ok(cosine > 0.999, `${items[index]!.id}: ${cosine}`);
  }
});
