import t from 'tap';
import { describe, type Looked } from '../../../src/taste/describe.ts';
import { type Colour, colourVocabulary, showing } from '../../support/colours.ts';

const vocabulary = colourVocabulary();
const pictures = (count: number, from: number, ...names: Colour[]): Looked[] =>
  Array.from({ length: count }, (_, n) => {
    const vector = showing(...names);
    // No two pictures are quite the same.
    vector[n % vector.length]! += 0.02 * (n % 3);
    return { item: from + n, vector, weight: 1 };
  });
const named = (entries: { name: string }[]) => entries.map(({ name }) => name);

t.test('two tastes are told apart, each by what its pictures share', async (t) => {
  const liked = [...pictures(12, 1, 'red', 'round'), ...pictures(8, 100, 'blue', 'square')];
  const tastes = describe({ liked, passed: [] }, vocabulary);
  t.equal(tastes.length, 2);
  const reds = tastes.find(({ items }) => items.every((item) => item < 100))!;
  const blues = tastes.find(({ items }) => items.every((item) => item >= 100))!;
  t.same(named(reds.likes).sort(), ['red', 'round']);
  t.same(named(blues.likes).sort(), ['blue', 'square']);
  t.match(reds.text, /^Often (red and round|round and red)$/);
});

t.test('one liked picture is a taste', async (t) => {
  const [only, ...more] = describe({ liked: pictures(1, 1, 'green'), passed: [] }, vocabulary);
  t.same(more, []);
  t.same(named(only!.likes), ['green']);
  t.same(only!.items, [1]);
});

t.test('what is passed by again and again is avoided, unless it is liked too', async (t) => {
  const liked = pictures(10, 1, 'red');
  const passed = [...pictures(12, 50, 'grey'), ...pictures(12, 80, 'red')];
  t.same(named(describe({ liked, passed }, vocabulary)[0]!.avoids), ['grey']);
});

t.test('a few pictures passed by prove nothing', async (t) => {
  const [taste] = describe({ liked: pictures(10, 1, 'red'), passed: pictures(3, 50, 'grey') }, vocabulary);
  t.same(taste!.avoids, []);
});

t.test('nothing liked is no taste', async (t) => {
  t.same(describe({ liked: [], passed: pictures(20, 1, 'red') }, vocabulary), []);
});

t.test('pictures of every kind have no attribute, and the text says so', async (t) => {
  const liked = (['red', 'green', 'blue', 'grey', 'round', 'square'] as const).flatMap((colour, n) =>
    pictures(1, n + 1, colour),
  );
  const tastes = describe({ liked, passed: [] }, vocabulary);
  t.same(
    tastes.map(({ text }) => text),
    ['Pictures of many kinds'],
  );
});
