import t from 'tap';
import { likenessOf } from '../../../src/rerank/index.ts';
import type { Preference } from '../../../src/taste/index.ts';
import { type Colour, colourVocabulary, showing } from '../../support/colours.ts';

const likes = (...of: [Colour, number][]): Preference => ({
  ...{ id: 'p1', text: 'Often red', avoids: [], items: [] },
  likes: of.map(([name, weight]) => ({ name, weight })),
});
/** By item: 1 red, 2 blue, 3 red and round; 4 has no vector. */
const VECTORS = new Map([
  [1, showing('red')],
  [2, showing('blue')],
  [3, showing('red', 'round')],
]);
const vectorOf = (item: number) => VECTORS.get(item);
const red = { preferences: [likes(['red', 2])] };

t.test('a model resembles a taste by all of the pictures that are shown of it', async (t) => {
  const shown = [
    { id: '10', seen: [1] },
    { id: '11', seen: [1, 2] },
    { id: '12', seen: [2] },
    { id: '13', seen: [1, 4] },
    { id: '14', seen: [4] },
  ];
  const likeness = likenessOf(shown, red, colourVocabulary(), vectorOf);
  t.ok(likeness.get('10')! > 0);
  t.equal(likeness.get('12'), 0, 'what fits no taste fits it no less than something that fits none either');
  t.equal(likeness.get('11'), likeness.get('10')! / 2);
  t.equal(likeness.get('13'), likeness.get('10'), 'what nobody has seen says nothing');
  t.ok(likeness.has('14') && likeness.get('14') === undefined);
});

t.test('what a taste is clear about foretells more than several things it hardly is', async (t) => {
  const taste = { preferences: [likes(['red', 2], ['blue', 1.2], ['round', 1.2])] };
  const shown = [
    { id: 'clear', seen: [1] },
    { id: 'vague', seen: [5] },
  ];
  const likeness = likenessOf(shown, taste, colourVocabulary(), (item) =>
    item === 5 ? showing('blue', 'round') : vectorOf(item),
  );
  t.ok(likeness.get('clear')! > likeness.get('vague')!, JSON.stringify([...likeness]));
});
