import t from 'tap';
import { contentEncoder } from '../../../src/text/index.ts';

const STYLES: Record<string, string[]> = {
  watercolour: ['watercolour', 'soft wash', 'paper texture'],
  neon: ['cyberpunk', 'neon lights', 'night city'],
  ink: ['ink drawing', 'crosshatching', 'black and white'],
  clay: ['claymation', 'stop motion', 'handmade'],
};
const SUBJECTS = ['castle', 'fox', 'harbour', 'forest', 'robot', 'teapot', 'whale', 'mountain'];

const encoder = contentEncoder();
const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const picture = (subject: string, style: string[]) =>
  encoder.encode({
    title: `The ${subject}`,
    tags: style,
    prompt: `masterpiece, best quality, a ${subject}, ${style.join(', ')}, highly detailed, 8k <lora:${subject}:0.7>`,
  });
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

t.test('pictures of one style are nearer to each other than to those of another', async (t) => {
  const pictures = Object.entries(STYLES).flatMap(([style, tags]) =>
    SUBJECTS.map((subject) => ({ style, vector: picture(subject, tags) })),
  );
  const pairs = pictures.flatMap((a, i) => pictures.slice(i + 1).map((b) => ({ a, b })));
  const near = pairs.filter(({ a, b }) => a.style === b.style).map(({ a, b }) => cosine(a.vector, b.vector));
  const far = pairs.filter(({ a, b }) => a.style !== b.style).map(({ a, b }) => cosine(a.vector, b.vector));
  t.ok(Math.min(...near) > Math.max(...far), `${Math.min(...near)} > ${Math.max(...far)}`);
  t.ok(mean(near) > mean(far) + 0.4);
});

t.test('a query finds the pictures that carry its tag', async (t) => {
  const pictures = Object.entries(STYLES).flatMap(([style, tags]) =>
    SUBJECTS.map((subject) => ({ style, subject, vector: picture(subject, tags) })),
  );
  const found = (query: string) => {
    const vector = encoder.encodeQuery(query);
    return pictures.toSorted((a, b) => cosine(b.vector, vector) - cosine(a.vector, vector));
  };
  for (const [style, tags] of Object.entries(STYLES))
    for (const tag of tags)
      t.ok(
        found(tag)
          .slice(0, SUBJECTS.length)
          .every((hit) => hit.style === style),
        tag,
      );
  t.equal(found('a fox in neon lights')[0]!.subject, 'fox');
  t.equal(found('a fox in neon lights')[0]!.style, 'neon');
});

t.test('every vector has unit length, and text without words has none', async (t) => {
  const length = (vector: Float32Array) => Math.sqrt(cosine(vector, vector));
  t.ok(Math.abs(length(encoder.encode({ title: 'Castle' })) - 1) < 1e-6);
  t.ok(Math.abs(length(encoder.encodeQuery('the')) - 1) < 1e-6);
  for (const fields of [{}, { title: '' }, { prompt: '<lora:x:1> ((()))' }, { tags: ['…', '!'] }])
    t.equal(length(encoder.encode(fields)), 0);
  t.equal(encoder.encode({}).length, 64);
});

t.test('case, plural, full width and underscores do not matter', async (t) => {
  const same = (a: string, b: string) =>
    t.ok(cosine(encoder.encode({ tags: [a] }), encoder.encode({ tags: [b] })) > 0.999, `${a} = ${b}`);
  same('Oil Painting', 'oil_paintings');
  same('ｃａｓｔｌｅ', 'castle');
  same('CASTLES', 'castle');
});

t.test('words in scripts without spaces are found by a part of them', async (t) => {
  const hit = cosine(encoder.encode({ tags: ['水彩画の城'] }), encoder.encodeQuery('水彩画'));
  const miss = cosine(encoder.encode({ tags: ['水彩画の城'] }), encoder.encodeQuery('機械都市'));
  t.ok(hit > miss + 0.3, `${hit} > ${miss}`);
});

t.test('quality words move a vector little', async (t) => {
  const plain = encoder.encode({ prompt: 'a fox in a forest' });
  const boasting = encoder.encode({
    prompt: 'masterpiece, best quality, a fox in a forest, highly detailed, 8k',
  });
  t.ok(cosine(plain, boasting) > 0.95);
});

t.test('the vectors are the same on every machine and in every release of v1', async (t) => {
  t.equal(encoder.id, 'hash-text-v1/64');
  const vector = encoder.encode({ title: 'Castle', tags: ['watercolour'], prompt: 'a castle at dusk' });
  t.same(
    [...vector.subarray(0, 4)].map((value) => Math.round(value * 1e6)),
    [-131474, -69864, 209280, 88722],
  );
});
