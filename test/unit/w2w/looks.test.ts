import t from 'tap';
import { labelsByClip } from '../../../src/w2w/labels.ts';
import { looksOf } from '../../../src/w2w/looks.ts';

/** Dimensions: a castle, a wave, watercolour, woodcut. */
const picture = (castle: number, wave: number, watercolour: number, woodcut: number) => {
  const length = Math.hypot(castle, wave, watercolour, woodcut);
  return Float32Array.of(castle / length, wave / length, watercolour / length, woodcut / length);
};
const WATERCOLOUR = Float32Array.of(0, 0, 1, 0);

t.test('what the pictures of all LoRAs show is taken out, what one of them adds stays', (t) => {
  const loras = Array.from({ length: 20 }, (_, n) => {
    const [watercolour, woodcut] = n < 8 ? [0.3, 0] : [0, 0.3];
    // The card of each watercolour shows a wave, which looks like nothing that is wanted.
    const own = n < 8 ? picture(0, 1, 0.1, 0) : picture(1, 0, 0.2, 0.1);
    return {
      id: `lora-${n}`,
      own,
      made: [picture(1, 0, watercolour, woodcut), picture(0, 1, watercolour, woodcut)],
    };
  });
  const labels = labelsByClip(WATERCOLOUR, looksOf(loras));
  t.same(
    Object.keys(labels)
      .filter((id) => labels[id])
      .sort(),
    loras.slice(0, 8).map(({ id }) => id),
  );
  const cards = labelsByClip(
    WATERCOLOUR,
    loras.map(({ id, own }) => ({ id, vector: own })),
  );
  t.notOk(cards['lora-0'], 'the cards alone say otherwise');
  t.end();
});

t.test('a LoRA is seen by what there is of it, and one without any picture by nobody', (t) => {
  const made = [picture(1, 0, 1, 0)];
  const seen = looksOf([
    { id: 'by-card', own: picture(1, 0, 0, 1), made: [] },
    { id: 'by-others', own: undefined, made },
    { id: 'unseen', own: undefined, made: [] },
  ]);
  t.same(
    seen.map(({ id }) => id),
    ['by-card', 'by-others'],
  );
  t.same(looksOf([]), []);
  t.end();
});
