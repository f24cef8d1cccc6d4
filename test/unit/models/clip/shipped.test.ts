import t from 'tap';
import { STYLES } from '../../../../seed/grammar.ts';
import { renderPicture, worldSize } from '../../../../seed/index.ts';
import { makeWorld } from '../../../../seed/world.ts';
import { openImageLoader } from '../../../../src/images/index.ts';
import { silentLog } from '../../../../src/log.ts';
import { openClip } from '../../../../src/models/index.ts';

t.setTimeout(300_000);
const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);

t.test('the model that ships tells the styles of the demo world apart by their names', async (t) => {
  const clip = await openClip({ CLIP_MODEL: '', CONTENT_DIMS: 0 }, { hasPictures: true, log: silentLog });
  t.teardown(clip.close);
  const encoder = clip.encoder!;
  t.match(encoder.folder, { dims: 64, dtype: 'fp32' });
  const images = openImageLoader({ trustedHosts: new Set(), renderPicture });
  t.teardown(images.close);

  const names = Object.keys(STYLES) as (keyof typeof STYLES)[];
  const { pictures } = makeWorld(worldSize('small'));
  const shown = names.flatMap((name) => pictures.filter(({ recipe }) => recipe.style === name).slice(0, 2));
  t.ok(shown.length >= 24, `${shown.length} pictures of ${names.length} styles`);
  const squares: Uint8Array[] = [];
  for (const { id } of shown) squares.push((await images.load(`/pictures/${id}.webp`, encoder.shape)).data);
  const seen = await encoder.encodePixels(squares);
  const words = await Promise.all(names.map((name) => encoder.encodeText(STYLES[name].says)));
  const right = shown.filter(({ recipe }, n) => {
    const likeness = words.map((word) => cosine(word, seen[n]!));
    return names[likeness.indexOf(Math.max(...likeness))] === recipe.style;
  });
  // How well is measured on a thousand held-out pictures (weights/README.md); this says that the api sees at all.
  t.ok(
    right.length >= 0.7 * shown.length,
    `${right.length} of ${shown.length}; chance is one in ${names.length}`,
  );
});
