import t from 'tap';
import { openLooks } from '../../../src/rerank/looks.ts';
import { attributeReason } from '../../../src/rerank/reasons.ts';
import type { Preference, Taste } from '../../../src/taste/index.ts';
import { colourVocabulary, showing } from '../../support/colours.ts';

const red = showing('red', 'round');
const vectors = new Map([
  ...[1, 2, 3, 4, 5, 6].map((item) => [item, red] as const),
  [10, showing('red', 'square')],
  [11, showing('blue')],
]);
const vocabulary = colourVocabulary();
const looks = openLooks()(vocabulary, (item) => vectors.get(item));
const preference: Preference = {
  ...{ id: 'p1', text: 'Often red and round', items: [1, 2, 3, 4, 5, 6] },
  ...{
    likes: [
      { name: 'red', weight: 2 },
      { name: 'round', weight: 2 },
    ],
    avoids: [],
  },
};
const tasteOf = (preferences: Preference[]): Taste => ({
  ...{ user: 1, source: 'attributes', madeBy: 'test', digest: 'd', liked: [], madeAt: '', preferences },
});
const about = { taste: tasteOf([preference]), looks, mayName: () => true };

t.test('a reason names what the picture shows and the person’s pictures that show it too', async (t) => {
  const reason = attributeReason(10, about)!;
  t.equal(reason.text, 'Red, like pictures you liked');
  t.same(reason.evidence, [1, 2, 3]);
  t.equal(reason.source, 'attributes');
});

t.test('a picture that shows nothing of the taste has no reason', async (t) => {
  t.equal(attributeReason(11, about), null);
});

t.test('a picture nobody has seen, by CLIP, has no reason', async (t) => {
  t.equal(attributeReason(99, about), null);
});

t.test('pictures the caller may not see are no evidence', async (t) => {
  t.same(attributeReason(10, { ...about, mayName: (item) => item > 4 })!.evidence, [5, 6]);
  t.equal(attributeReason(10, { ...about, mayName: () => false }), null);
});

t.test('evidence whose loss would change nothing is not given', async (t) => {
  // The person says red; of the pictures that stand for it none shows it more than the catalogue does.
  const unfounded = { ...preference, likes: [{ name: 'blue', weight: 2 }] };
  t.equal(attributeReason(11, { ...about, taste: tasteOf([unfounded]) }), null);
});
