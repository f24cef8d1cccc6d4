import t from 'tap';
import { beyondAccuracy } from '../../../src/evaluation/beyond.ts';
import { judgeAll } from '../../../src/evaluation/evaluate.ts';
import { markdownOf, pageOf } from '../../../src/evaluation/index.ts';
import { packLog } from '../../../src/evaluation/pack.ts';
import { reportOf } from '../../../src/evaluation/report.ts';
import type { Split } from '../../../src/evaluation/splits.ts';
import type { OfflineRecommender } from '../../../src/evaluation/types.ts';

const ITEMS = 20;
/** Item 0 is everybody's, 1 to 9 one person's each, the rest nobody's. */
const training = packLog(
  Array.from({ length: 9 }, (_, user) => ({ columns: [0, user + 1] })),
  ITEMS,
);
const ask = { k: 5, seed: 1 };

t.test('one list of what nobody knows is as novel as can be, one of what all know not at all', async (t) => {
  const known = beyondAccuracy([Int32Array.of(0)], training, 1);
  const unknown = beyondAccuracy([Int32Array.of(15)], training, 1);
  t.equal(known.novelty, 0);
  t.ok(Math.abs(unknown.novelty - Math.log2(10)) < 1e-12);
  t.equal(known.coverage, 1 / ITEMS);
});

t.test('diversity is 1 less the cosine of the users that items share', async (t) => {
  // Item 0 has nine users, item 1 one of them: 1 / √9.
  t.ok(Math.abs(beyondAccuracy([Int32Array.of(0, 1)], training, 1).diversity - (1 - 1 / 3)) < 1e-12);
  t.equal(beyondAccuracy([Int32Array.of(1, 2, 3)], training, 1).diversity, 1);
});

t.test('Gini is 0 where all items are shown alike, and nearly 1 where one is', async (t) => {
  const each = Array.from({ length: ITEMS }, (_, item) => Int32Array.of(item));
  t.ok(Math.abs(beyondAccuracy(each, training, 1).gini) < 1e-12);
  t.ok(Math.abs(beyondAccuracy([Int32Array.of(3)], training, 1).gini - (1 - 1 / ITEMS)) < 1e-12);
});

/** Ten users with histories of 1 to 10 items (10 to 19), asked about a known and an unknown item. */
const split: Split = {
  training,
  tooShort: 0,
  questions: Array.from({ length: 10 }, (_, user) => ({
    user,
    history: Int32Array.from({ length: user + 1 }, (_, n) => 10 + n),
    targets: Int32Array.of(0, 5),
  })),
};
const always = (...best: number[]): OfflineRecommender => ({
  prepare: () => ({ list: () => Int32Array.from(best) }),
});
const recommenders = { head: always(0), tail: always(5), neither: always(9) };
const figures = () =>
  judgeAll(Object.entries(recommenders), [split], { ...ask, baseline: 'neither' }, () => {});

t.test('segments tell who is served and what is found', async (t) => {
  const { head, tail } = await figures();
  const { segments } = head!;
  t.equal(segments['new users']!.users, 1);
  t.equal(segments['light users']!.users, 4, 'two to five items');
  t.equal(segments['heavy users']!.users, 5);
  t.equal(segments['head items']!['HR@5'], 1);
  t.equal(segments['tail items']!['HR@5'], 0);
  t.same(segments['head items']!.ci95['HR@5'], [1, 1]);
  t.equal(tail!.segments['head items']!['HR@5'], 0);
  t.equal(tail!.segments['tail items']!['Recall@5'], 1);
  t.notOk('new items' in segments, 'nobody was asked about one');
  t.equal(head!['Recall@5'], 0.5);
});

t.test('all are compared with the baseline, in pairs', async (t) => {
  const { head, neither } = await figures();
  t.notOk(neither!.against);
  t.match(head!.against, { baseline: 'neither', 'HR@5': { mean: 1, ci95: [1, 1] } });
  await t.rejects(
    judgeAll(Object.entries(recommenders), [split], { ...ask, baseline: 'nobody' }, () => {}),
    { code: 'option-invalid' },
  );
});

t.test('Markdown and page say the same, and the page asks nobody for anything', async (t) => {
  const dataset = {
    ...{
      file: 'a <b> & c.txt',
      sha256: 'f'.repeat(64),
      users: 10,
      items: ITEMS,
      interactions: 18,
      repeats: 0,
    },
    malformed: { lines: 0, first: [] },
  };
  const report = reportOf(dataset, [split], { name: 'temporal', ...ask, at: 0 }, await figures(), []);
  const markdown = markdownOf(report);
  const page = pageOf(report);
  t.match(markdown, /\| head \| 0\.\d{4} \[0\.\d{4}, 0\.\d{4}\] \| 1\.0000 \[1\.0000, 1\.0000\] \|/);
  t.match(markdown, /## Beside neither, in pairs/);
  for (const title of [
    'Accuracy',
    'Beside accuracy',
    'New users',
    'Heavy users',
    'Head items',
    'Tail items',
  ]) {
    t.ok(markdown.includes(`## ${title}\n`), title);
    t.ok(page.includes(`<h2>${title}</h2>`), title);
  }
  t.ok(page.includes('a &lt;b&gt; &amp; c.txt') && !page.includes('<b>'));
  t.equal(page.match(/<figure>/g)!.length, 6, 'a plot of all and one a segment');
  t.notMatch(page, /(src|href)=|url\(|@import|<script|https?:/);
});

t.test('several models of one kind are told by mean and deviation over their seeds', async (t) => {
  const named = { 'sasrec:one': always(0), 'sasrec:two': always(9) };
  const found = await judgeAll(Object.entries(named), [split], ask, () => {});
  const dataset = { file: 'f', sha256: '', users: 10, items: ITEMS, interactions: 18, repeats: 0 };
  const { seeds } = reportOf(
    { ...dataset, malformed: { lines: 0, first: [] } },
    [split],
    { name: 'temporal', ...ask },
    found,
    [],
  );
  t.match(seeds!.sasrec!['HR@5'], { mean: 0.5, models: 2 });
  t.ok(Math.abs(seeds!.sasrec!['HR@5']!.sd - Math.SQRT1_2) < 1e-12);
});
