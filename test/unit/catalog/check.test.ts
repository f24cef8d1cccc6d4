import fc from 'fast-check';
import t from 'tap';
import { faultOf } from '../../../src/catalog/check.ts';

const item = (over: Record<string, unknown>) => ({ kind: 'image', id: 'a', ...over });
const code = (over: Record<string, unknown>) => faultOf(item(over), 8)?.code ?? null;

t.test('a whole item passes', async (t) => {
  const whole = {
    ...{
      title: 'Castle',
      url: 'https://example.org/a.png',
      creatorId: 'u1',
      tags: ['castle'],
      prompt: 'a castle',
    },
    ...{ negativePrompt: 'blurry', description: '<p>x</p>', browsingLevel: 3, minor: false, poi: true },
    ...{ toxicity: 0, availability: 'public', licence: { commercialUse: true }, role: 'showcase' },
    ...{ phash: '00ff00ff00ff00ff', vector: [1, 0, 0, 0, 0, 0, 0, 0], modelIds: ['m1'] },
    ...{ createdAt: '2024-05-01T10:00:00Z', attributes: { likes: 3, nested: { a: ['b'] } } },
  };
  t.equal(faultOf(item(whole), 8), null);
  t.equal(faultOf({ kind: 'model', id: 'x'.repeat(256) }, 8), null);
});

t.test('each bad field is named by code and pointer', async (t) => {
  const cases: [Record<string, unknown>, string, string][] = [
    [{ kind: 'video' }, 'kind-invalid', '/kind'],
    [{ kind: 'constructor' }, 'kind-invalid', '/kind'],
    [{ id: '' }, 'text-empty', '/id'],
    [{ id: 'x'.repeat(10_000) }, 'text-too-long', '/id'],
    [{ id: 7 }, 'text-expected', '/id'],
    [{ id: 'a\0b' }, 'text-unclean', '/id'],
    [{ title: '\ud800' }, 'text-unclean', '/title'],
    [{ title: 'x'.repeat(513) }, 'text-too-long', '/title'],
    [{ tags: 'castle' }, 'tags-invalid', '/tags'],
    [{ tags: Array(101).fill('a') }, 'tags-too-many', '/tags'],
    [{ tags: ['a', 'x'.repeat(65)] }, 'text-too-long', '/tags/1'],
    [{ tags: [null] }, 'text-expected', '/tags/0'],
    [{ prompt: 'x'.repeat(20_001) }, 'text-too-long', '/prompt'],
    [{ browsingLevel: 1.5 }, 'browsing-level-invalid', '/browsingLevel'],
    [{ browsingLevel: -1 }, 'browsing-level-invalid', '/browsingLevel'],
    [{ browsingLevel: '1' }, 'browsing-level-invalid', '/browsingLevel'],
    [{ minor: 'no' }, 'minor-invalid', '/minor'],
    [{ toxicity: Number.NaN }, 'toxicity-invalid', '/toxicity'],
    [{ toxicity: 1.1 }, 'toxicity-invalid', '/toxicity'],
    [{ availability: 'secret' }, 'availability-invalid', '/availability'],
    [{ licence: { resale: true } }, 'licence-invalid', '/licence'],
    [{ phash: '12' }, 'phash-invalid', '/phash'],
    [{ phash: 'zz00000000000000' }, 'phash-invalid', '/phash'],
    [{ modelIds: ['m', ''] }, 'text-empty', '/modelIds/1'],
    [{ createdAt: 'yesterday' }, 'created-at-invalid', '/createdAt'],
    [{ createdAt: '2024-13-01T00:00:00Z' }, 'created-at-invalid', '/createdAt'],
    [{ createdAt: '0000-01-01T00:00:00Z' }, 'created-at-invalid', '/createdAt'],
    [{ createdAt: '2026-02-30' }, 'created-at-invalid', '/createdAt'],
    [{ createdAt: '2026-02-30T10:00:00Z' }, 'created-at-invalid', '/createdAt'],
    [{ createdAt: '2026-02-28T10:00:00' }, 'created-at-invalid', '/createdAt'],
    [{ createdAt: '9999-01-01T00:00:00Z' }, 'created-at-in-future', '/createdAt'],
    [{ createdAt: '2999-01-01T00:00:00Z' }, 'created-at-in-future', '/createdAt'],
    [{ attributes: [] }, 'attributes-invalid', '/attributes'],
    [{ attributes: { a: 'x'.repeat(17_000) } }, 'attributes-too-large', '/attributes'],
    [{ attributes: { a: ['\0'] } }, 'text-unclean', '/attributes'],
    [{ attributes: { 'a\0': 1 } }, 'text-unclean', '/attributes'],
    [{ colour: 'red' }, 'field-unknown', '/colour'],
    [{ 'a/b~c': 1 }, 'field-unknown', '/a~1b~0c'],
  ];
  for (const [over, expected, pointer] of cases)
    t.same(faultOf(item(over), 8), { code: expected, pointer }, JSON.stringify(over).slice(0, 60));
  t.same(faultOf(null, 8), { code: 'item-invalid', pointer: '' });
  t.same(faultOf(['image', 'a'], 8), { code: 'item-invalid', pointer: '' });
});

t.test('a vector must be finite, not all zero and of the declared length', async (t) => {
  const zero = Array(8).fill(0);
  t.equal(code({ vector: zero }), 'vector-invalid');
  t.equal(code({ vector: [1] }), 'vector-invalid');
  t.equal(code({ vector: [...zero.slice(1), Number.NaN] }), 'vector-invalid');
  t.equal(code({ vector: [...zero.slice(1), Number.POSITIVE_INFINITY] }), 'vector-invalid');
  t.equal(code({ vector: [...zero.slice(1), null] }), 'vector-invalid');
  t.equal(code({ vector: Array(8).fill(1e308) }), 'vector-invalid', 'its length overflows');
  t.equal(code({ vector: 'AAAA' }), 'vector-invalid');
  t.equal(code({ vector: [...zero.slice(1), 3] }), null);
});

t.test('only addresses a page can show safely pass', async (t) => {
  for (const url of ['', '/pictures/a.svg', 'a.png', 'https://x.org/y?z=1:2', 'data:image/png;base64,AAAA'])
    t.equal(code({ url }), null, url);
  const bad = ['javascript:alert(1)', 'data:text/html,<b>', 'data:image/svg+xml;base64,AAAA', '//evil.org/x'];
  for (const url of [...bad, ' javascript:x', 'java\nscript:x', 'http://', 'file:///etc/passwd', '\\\\evil'])
    t.equal(code({ url }), 'url-invalid', url);
  t.equal(code({ url: `/${'x'.repeat(2048)}` }), 'text-too-long');
});

t.test('whatever comes, the check answers and does not throw', async () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), fc.anything(), fc.anything(), (a, b, c) => {
      faultOf(a, 8);
      faultOf(item({ attributes: a, tags: b, licence: c }), 8);
      faultOf(item({ vector: a, url: b, createdAt: c }), 8);
    }),
    { numRuns: 1_000 },
  );
});
