import t from 'tap';
import { labelsByClip } from '../../../src/w2w/labels.ts';
import { type Looks, looksOf } from '../../../src/w2w/looks.ts';

/** Dimensions: a castle, a wave, watercolour, woodcut. */
const picture = (castle: number, wave: number, watercolour: number, woodcut: number) => {
  const length = Math.hypot(castle, wave, watercolour, woodcut);
  return Float32Array.of(castle / length, wave / length, watercolour / length, woodcut / length);
};
const WATERCOLOUR = Float32Array.of(0, 0, 1, 0);

t.test('what the pictures of all LoRAs show is taken out, what one of them adds stays', async (t) => {
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
  const labels = labelsByClip(WATERCOLOUR, await looksOf(loras));
  t.same(
    Object.keys(labels)
      .filter((id) => labels[id])
      .sort(),
    loras.slice(0, 8).map(({ id }) => id),
  );
  const cards = labelsByClip(WATERCOLOUR, {
    loras: loras.map(({ id, own }) => ({ id, vector: own })),
    whiten: (vector) => vector,
  });
  t.notOk(cards['lora-0'], 'the cards alone say otherwise');
});

t.test('a LoRA is seen by what there is of it, and one without any picture by nobody', async (t) => {
  const made = [picture(1, 0, 1, 0)];
  const seen = await looksOf([
    { id: 'by-card', own: picture(1, 0, 0, 1), made: [] },
    { id: 'by-others', own: undefined, made },
    { id: 'unseen', own: undefined, made: [] },
  ]);
  t.same(
    seen.loras.map(({ id }) => id),
    ['by-card', 'by-others'],
  );
  t.same((await looksOf([])).loras, []);
});

t.test('what differs among pictures of one LoRA does not decide which LoRAs are alike', async (t) => {
  const loras = Array.from({ length: 20 }, (_, n) => {
    const [watercolour, woodcut] = n < 8 ? [0.3, 0] : [0, 0.3];
    // Each draws both subjects, most by chance more castles or more waves.
    const castles = n % 2 === 0 ? 3 : 1;
    const made = [0, 1, 2, 3].map((k) =>
      picture(k < castles ? 1 : 0, k < castles ? 0 : 1, watercolour, woodcut),
    );
    return { id: `lora-${n}`, own: undefined, made };
  });
  // A person who likes watercolours and has mostly met castles.
  const wanted = picture(1, 0, 0.3, 0);
  const found = (looks: Looks) => {
    const labels = labelsByClip(wanted, looks);
    return loras.slice(0, 8).filter(({ id }) => labels[id]).length;
  };
  const looks = await looksOf(loras);
  t.equal(found(looks), 8);
  const usual = loras
    .flatMap(({ made }) => made)
    .reduce((sum, one) => sum.map((x, d) => x + one[d]! / 80), new Float32Array(4));
  const plain = loras.map(({ id, made }) => ({
    id,
    vector: usual.map((x, d) => made.reduce((sum, one) => sum + one[d]! / 4, 0) - x),
  }));
  t.ok(found({ loras: plain, whiten: (vector) => vector }) < 6, 'without it half of them are castles');
});
