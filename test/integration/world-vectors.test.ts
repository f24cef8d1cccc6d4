import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import t from 'tap';
import { readShowcase, renderPicture, worldSize } from '../../seed/index.ts';
import { readShippedVectors } from '../../seed/vectors/shipped.ts';
import { makeWorld } from '../../seed/world.ts';
import { openImageLoader } from '../../src/images/index.ts';
import { createClipEncoder, readClipFolder } from '../../src/models/index.ts';

const WEIGHTS = resolve(import.meta.dirname, '../../weights');
const { items, pictures } = makeWorld(worldSize('full'));
const shipped = await readShippedVectors(items);

t.test('the vectors that ship are of this world and of the CLIP that ships, and small', async (t) => {
  t.equal(shipped?.encoder, (await readClipFolder(`${WEIGHTS}/clip`)).id);
  t.ok((await stat(`${WEIGHTS}/world/vectors.f16`)).size <= 1e6);
  const seen = items.filter(({ url }) => url !== '').length;
  t.equal(items.filter((_, index) => shipped!.vectorOf(index) !== null).length, seen);
});

t.test('they are what that CLIP sees in the pictures', async (t) => {
  const encoder = createClipEncoder(await readClipFolder(`${WEIGHTS}/clip`));
  t.teardown(encoder.close);
  const images = openImageLoader({ trustedHosts: new Set(), renderPicture, readShowcase });
  t.teardown(images.close);
  for (const index of [0, 700, 1800, items.length - 1]) {
    const raster = await images.load(items[index]!.url!, encoder.shape);
    const [vector] = await encoder.encodePixels([raster.data]);
    const cosine = shipped!.vectorOf(index)!.reduce((sum, value, d) => sum + value * vector![d]!, 0);
    t.ok(cosine > 0.999, `${items[index]!.id}: ${cosine}`);
  }
});

t.test('pictures of one style are nearer to each other than to others', async (t) => {
  const models = items.length - pictures.length;
  const near = { same: [] as number[], other: [] as number[] };
  for (let a = 0; a < 120; a++)
    for (let b = 0; b < a; b++) {
      const [one, two] = [shipped!.vectorOf(models + a)!, shipped!.vectorOf(models + b)!];
      const cosine = one.reduce((sum, value, d) => sum + value * two[d]!, 0);
      near[pictures[a]!.recipe.style === pictures[b]!.recipe.style ? 'same' : 'other'].push(cosine);
    }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  t.ok(mean(near.same) > mean(near.other) + 0.1, `${mean(near.same)} and ${mean(near.other)}`);
});
