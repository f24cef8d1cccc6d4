import t from 'tap';
import { digestOf, rowsOf } from '../../../src/catalog/rows.ts';
import type { ItemInput, SafetyPolicy } from '../../../src/catalog/types.ts';
import { openRule } from '../../../src/safety/index.ts';
import { contentEncoder, openMarks, type ToxicityScorer } from '../../../src/text/index.ts';

const UNKNOWN: SafetyPolicy = { mode: 'unknown' };
const encoder = contentEncoder();
const fixed = { encoder, rule: openRule(), marks: openMarks() };
const scorer = (answer: number, texts: string[] = []): ToxicityScorer => ({
  name: 'planted',
  async score(asked) {
    texts.push(...asked);
    return asked.map(() => answer);
  },
});
const judge = async (item: Partial<ItemInput>, toxicity: ToxicityScorer) => {
  const whole: ItemInput = { kind: 'image', id: 'a', browsingLevel: 1, ...item };
  const [row] = await rowsOf([{ item: whole, digest: '' }], UNKNOWN, { ...fixed, toxicity });
  return row!;
};

t.test('the scorer reads what shows or steers the picture, without weights, brackets and HTML', async (t) => {
  const texts: string[] = [];
  await judge(
    {
      title: 'Castle',
      tags: ['fog'],
      prompt: '(a castle:1.3) <lora:old_paint:0.7>',
      negativePrompt: 'nude',
      description: '<p>By <b>Ann</b></p>',
    },
    scorer(0, texts),
  );
  t.same(texts, ['Castle\nfog\na castle\nold_paint\nBy Ann']);
});

t.test('a text is scored only when the caller did not, and when there is one', async (t) => {
  const texts: string[] = [];
  const declared = await judge({ title: 'Castle', toxicity: 0.7 }, scorer(0, texts));
  const mute = await judge({}, scorer(0.9, texts));
  const scored = await judge({ title: 'Castle' }, scorer(0.3, texts));
  t.same(texts, ['Castle']);
  t.same([declared.toxicity, declared.toxicity_source, declared.effective_level], [0.7, 'declared', 4]);
  t.same([mute.toxicity, mute.toxicity_source, mute.effective_level], [0, 'none', 1]);
  t.same([scored.toxicity, scored.toxicity_source, scored.effective_level], [0.3, 'planted', 4]);
});

t.test(
  'words for a child beside sexual ones block, unless the picture is asked not to show them',
  async (t) => {
    const said = await judge({ title: 'sch00lgirl', tags: ['nu\u200bde'] }, scorer(0));
    t.match(said, {
      effective_level: 32,
      safety_reasons: ['minor-and-sexual'],
      in_review: true,
      text_marks: 3,
    });
    const not = await judge({ title: 'a child', negativePrompt: 'nude, nsfw' }, scorer(0));
    t.match(not, { effective_level: 1, in_review: false, text_marks: 1 });
  },
);

t.test('a score too small for the database’s real is stored as 0', async (t) => {
  for (const score of [1e-50, 5e-324, 1e-45])
    t.equal((await judge({ toxicity: score }, scorer(0))).toxicity, 0, String(score));
  t.equal((await judge({ toxicity: 1e-6 }, scorer(0))).toxicity, 1e-6);
});

t.test('every form of a time that is taken is stored', async (t) => {
  for (const [createdAt, stored] of [
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2024-02-29T01:00:00,5+01:00', '2024-02-29T00:00:00.500Z'],
    ['1900-01-01t00:00z', '1900-01-01T00:00:00.000Z'],
  ] as const)
    t.equal((await judge({ createdAt }, scorer(0))).created_at, stored);
});

t.test('a score that is no number holds the item back', async (t) => {
  t.equal((await judge({ title: 'Castle' }, scorer(Number.NaN))).effective_level, 0);
});

t.test('a scorer that cannot answer stops the put instead of passing the text', async (t) => {
  const dead: ToxicityScorer = { name: 'dead', score: () => Promise.reject(new Error('away')) };
  await t.rejects(judge({ title: 'Castle' }, dead), /away/);
});

t.test('the digest tells apart what would be stored differently, and nothing else', async (t) => {
  const judges = { ...fixed, toxicity: scorer(0) };
  const item: ItemInput = { kind: 'image', id: 'a', title: 'x', tags: ['a', 'b'] };
  const digest = digestOf(item, UNKNOWN, judges);
  const same: ItemInput = { tags: ['a', 'b'], title: 'x', prompt: undefined, id: 'a', kind: 'image' };
  t.equal(digestOf(same, UNKNOWN, judges), digest);
  const others = [
    digestOf({ ...item, title: 'y' }, UNKNOWN, judges),
    digestOf({ ...item, tags: ['b', 'a'] }, UNKNOWN, judges),
    digestOf({ ...item, browsingLevel: 1 }, UNKNOWN, judges),
    digestOf(item, { mode: 'trusted' }, judges),
    digestOf(item, UNKNOWN, { ...judges, toxicity: { ...judges.toxicity, name: 'other' } }),
    digestOf(item, UNKNOWN, { ...judges, encoder: { ...encoder, id: 'other' } }),
    digestOf(item, UNKNOWN, { ...judges, rule: { ...judges.rule, version: 'other' } }),
  ];
  t.equal(new Set([digest, ...others]).size, 8);
});
