import { createHash } from 'node:crypto';
import sharp from 'sharp';
import t from 'tap';
import {
  COMPOSITION_NAMES,
  MEDIUM_NAMES,
  PALETTE_NAMES,
  pictureId,
  recipeOf,
  STYLE_NAMES,
  SUBJECT_NAMES,
} from '../../../seed/grammar.ts';
import { DRAWING_VERSION, renderPicture } from '../../../seed/render.ts';

/** Every subject and every style once, with the other words going round. */
const IDS = Array.from({ length: 16 }, (_, n) =>
  pictureId({
    subject: SUBJECT_NAMES[n % SUBJECT_NAMES.length]!,
    style: STYLE_NAMES[n]!,
    palette: PALETTE_NAMES[(n * 3) % PALETTE_NAMES.length]!,
    composition: COMPOSITION_NAMES[n % COMPOSITION_NAMES.length]!,
    medium: MEDIUM_NAMES[n % MEDIUM_NAMES.length]!,
    seed: n * 11,
  }),
);

t.test('the grammar has the words the world was promised', async (t) => {
  t.ok(SUBJECT_NAMES.length >= 12 && STYLE_NAMES.length >= 16 && PALETTE_NAMES.length >= 8);
  t.ok(COMPOSITION_NAMES.length >= 6 && MEDIUM_NAMES.length >= 4);
});

t.test('an id says all there is to know of a picture', async (t) => {
  for (const id of IDS) t.equal(pictureId(recipeOf(id)!), id);
});

t.test('what is no picture has no drawing', async (t) => {
  const [good] = IDS;
  for (const id of [
    '',
    'tree',
    'constructor.x.y.z.a.1',
    `${good}.1`,
    good!.replace(/\d+$/u, '01'),
    good!.replace(/\d+$/u, '100000'),
    '../../etc/passwd',
  ])
    t.equal(renderPicture(id), null, id);
});

t.test('every style draws a picture that a browser or sharp can show', async (t) => {
  for (const id of IDS) {
    const svg = renderPicture(id)!;
    t.notMatch(svg, /NaN|undefined|Infinity|<script|href="(?!#)/u, `${id} is clean`);
    t.ok(svg.length < 2_000_000, `${id} is ${svg.length} characters`);
    const small = svg.replace('width="512" height="512"', 'width="96" height="96"');
    const { channels } = await sharp(Buffer.from(small)).stats();
    const spread = Math.max(...channels.slice(0, 3).map(({ stdev }) => stdev));
    t.ok(spread > 12, `${id} shows something`);
  }
});

t.test('the same id draws the same picture, another seed another one', async (t) => {
  const [id] = IDS;
  t.equal(renderPicture(id!), renderPicture(id!));
  t.not(renderPicture(id!), renderPicture(id!.replace(/\d+$/u, '77')));
});

t.test('a changed drawing has a new version, so that no cache shows the old one', async (t) => {
  const drawn = createHash('sha256').update(IDS.map(renderPicture).join()).digest('hex').slice(0, 16);
  t.same({ version: DRAWING_VERSION, drawn }, { version: 1, drawn: '1d41044bcf1fe12b' });
});
