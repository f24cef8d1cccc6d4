import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../../src/config.ts';
import { evaluate } from '../../../src/evaluation/index.ts';
import { pipelineRecommender } from '../../../src/evaluation/pipeline.ts';
import { measure } from '../../../src/evaluation/runner.ts';
import { readSequences } from '../../../src/evaluation/sequences.ts';
import { leaveOneOut } from '../../../src/evaluation/splits.ts';
import type { PipelineSettings } from '../../../src/recommend/index.ts';

const fileOf = (t: Test, text: string) => join(t.testdir({ 'sequences.txt': text }), 'sequences.txt');
const options = { protocol: 'leave-one-out', k: 10, seed: 1 } as const;

/** Everyone walks on around a ring of 150 items. */
const ring = Array.from({ length: 300 }, (_, user) =>
  [`u${user}`, ...Array.from({ length: 12 }, (_, n) => `i${(user * 7 + n) % 150}`)].join(' '),
).join('\n');

t.test('a report says what was measured, how, and on what', async (t) => {
  const heard: number[] = [];
  const sequences = fileOf(t, `${ring}\nshort i1\nbroken\n`);
  const report = await evaluate(
    { ...options, sequences, recommenders: ['popularity', 'markov'] },
    (fraction) => heard.push(fraction),
  );
  t.match(report.dataset, {
    ...{ file: 'sequences.txt', users: 301, items: 150, interactions: 3601 },
    malformed: { lines: 1, first: [302] },
  });
  t.match(report.protocol, { name: 'leave-one-out', k: 10, seed: 1, users: 300, tooShort: 1 });
  t.same(Object.keys(report.recommenders), ['popularity', 'markov']);
  t.equal(report.recommenders.markov!['HR@10'], 1);
  t.ok(report.recommenders.markov!.seconds > 0);
  t.match(report.machine, { cores: Number, node: process.versions.node });
  t.equal(heard.at(-1), 1);
  t.ok(
    heard.every((fraction, n) => n === 0 || fraction >= heard[n - 1]!),
    'progress never goes back',
  );
});

t.test('the pipeline as served finds the ring, and repeats itself with the seed', async (t) => {
  const sequences = await readSequences(fileOf(t, ring));
  const split = leaveOneOut(sequences);
  const run = (seed: number, settings?: PipelineSettings) =>
    measure(pipelineRecommender(sequences.items, { settings }), split, { k: 10, seed });
  const { seconds: _, ...first } = await run(1);
  const { seconds: __, ...second } = await run(1);
  t.same(first, second);
  t.ok(first['HR@10']! > 0.98, `HR@10 ${first['HR@10']}`);
  // Lists that are all drawn, and hotly: the order is chance, and only chance the seed decides.
  const hot = { ...loadConfig({}), DRAW_SHARE: 1, DRAW_TEMPERATURE: 50 };
  const { seconds: ___, ...drawn } = await run(1, hot);
  t.ok(drawn['NDCG@10']! < 0.8, `NDCG@10 ${drawn['NDCG@10']}`);
  const { seconds: ____, ...other } = await run(2, hot);
  t.notSame(other, drawn);
});

t.test('the pipeline never shows what was seen', async (t) => {
  const sequences = await readSequences(fileOf(t, ring));
  const { training } = leaveOneOut(sequences);
  const maker = await pipelineRecommender(sequences.items).prepare({ training }, () => {});
  if (!('list' in maker)) throw new Error('the pipeline makes lists');
  for (let user = 0; user < 40; user++) {
    const history = training.columns.subarray(training.offsets[user]!, training.offsets[user + 1]!);
    const list = await maker.list({ history, user, k: 10, seed: 1 });
    t.ok(list.length >= 10);
    t.equal(new Set([...list, ...history]).size, list.length + history.length);
  }
});

t.test('what cannot be asked is refused before the file is read', async (t) => {
  const sequences = join(t.testdir(), 'none.txt');
  const ask = (changed: object) =>
    evaluate({ ...options, sequences, recommenders: ['popularity'], ...changed });
  await t.rejects(ask({ recommenders: ['magic'] }), { code: 'recommender-unknown', message: /ease-recent/ });
  await t.rejects(ask({ recommenders: ['constructor'] }), { code: 'recommender-unknown' });
  await t.rejects(ask({ recommenders: [''] }), { code: 'recommender-unknown' });
  for (const k of [0, -1, 1.5, Number.NaN, 101]) await t.rejects(ask({ k }), { code: 'option-invalid' });
  for (const seed of [-1, Number.NaN, 2 ** 32]) await t.rejects(ask({ seed }), { code: 'option-invalid' });
  await t.rejects(ask({}), { code: 'file-unreadable' });
});

t.test('histories of one item each leave nothing to measure', async (t) => {
  const sequences = fileOf(t, 'a x\nb y\n');
  await t.rejects(evaluate({ ...options, sequences, recommenders: ['popularity'] }), {
    code: 'sequences-empty',
  });
});

// The file is read, and intervals of every segment are drawn: seconds, more of them on a busy machine.
t.setTimeout(120_000);
const ml1m = resolve(process.env.BENCH_DATA ?? '../shared/data', 'sequences/ml-1m.txt');
if (!existsSync(ml1m))
  t.comment('ML-1M is not there (BENCH_DATA): the published figures are not checked here');
else
  t.test('popularity and Markov on ML-1M are the independent figures', async (t) => {
    const { recommenders } = await evaluate({
      ...options,
      ...{ sequences: ml1m, recommenders: ['popularity', 'markov'] },
    });
    const near = (value: number, figure: number) =>
      t.ok(Math.abs(value - figure) < 0.002, `${value} ≈ ${figure}`);
    near(recommenders.popularity!['HR@10']!, 0.0363);
    near(recommenders.popularity!['NDCG@10']!, 0.0178);
    near(recommenders.markov!['HR@10']!, 0.2151);
    near(recommenders.markov!['NDCG@10']!, 0.1261);
  });
