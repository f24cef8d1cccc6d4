import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { evaluate, fileDigest, readTimeline, temporalSplit } from '../../../src/evaluation/index.ts';
import { writeRingModel } from '../../support/sequence-artifact.ts';

const fileOf = (t: Test, lines: string[]) =>
  join(t.testdir({ 'timed.txt': `${lines.join('\n')}\n` }), 'timed.txt');

/** What is asked about, in the file's own names. */
async function asked(path: string, at: number) {
  const timeline = await readTimeline(path);
  const split = temporalSplit(timeline, { at: at * 1000 });
  const names = (columns: Int32Array) => [...columns].map((column) => timeline.items[column]).join(' ');
  return {
    split,
    questions: Object.fromEntries(
      split.questions.map(({ user, history, targets }) => [
        timeline.users[user],
        `${names(history)} → ${names(targets)}`,
      ]),
    ),
    learned: names(split.training.columns),
  };
}

t.test('what came before the moment is learned, what came after it is asked about', async (t) => {
  const path = fileOf(t, [
    'ann c 30',
    'ann a 10',
    'ann b 20',
    'bob a 11',
    'bob b 12',
    'cat c 31',
    'cat d 32',
    'dan d 40',
  ]);
  const { split, questions, learned } = await asked(path, 25);
  t.same(questions, {
    ann: 'a b → c',
    // New: known by the first item alone; d is met by nobody before the moment.
    cat: 'c → d',
  });
  t.equal(learned, 'a b a b', 'nothing of later, and bob, who did nothing more, is learned from');
  t.equal(split.tooShort, 2, 'bob has no later item, dan nothing to be known by');
  t.equal(split.training.items.length, 4, 'the catalogue is all that the file has');
});

t.test('the very moment belongs to what is asked about', async (t) => {
  const { questions } = await asked(fileOf(t, ['ann a 10', 'ann b 20']), 20);
  t.same(questions, { ann: 'a → b' });
});

t.test('what was met before is no answer, and counts where it was last', async (t) => {
  const { questions, learned } = await asked(
    fileOf(t, ['ann a 1', 'ann b 2', 'ann a 3', 'ann b 30', 'ann c 31', 'ann c 32']),
    20,
  );
  t.same(questions, { ann: 'b a → c' });
  t.equal(learned, 'b a');
});

t.test('ten next items are asked about, not a year of them', async (t) => {
  const lines = Array.from({ length: 30 }, (_, n) => `ann i${n} ${n < 5 ? n : 100 + n}`);
  const { split } = await asked(fileOf(t, lines), 50);
  t.equal(split.questions[0]!.targets.length, 10);
  t.equal(split.questions[0]!.history.length, 5);
});

t.test('seconds, milliseconds and dates are the same moment', async (t) => {
  const date = '2026-03-01T12:00:00Z';
  const at = Date.parse(date);
  const { times } = await readTimeline(fileOf(t, [`a x ${at}`, `b x ${at / 1000}`, `c x ${date}`]));
  t.same([...times], [at, at, at]);
});

t.test('lines without a time that can be read are counted, and stop nothing', async (t) => {
  const { dataset, users } = await readTimeline(fileOf(t, ['a x 1', 'a y', 'a z soon', 'a w 2 3', 'b x 1']));
  t.same(dataset.malformed, { lines: 3, first: [2, 3, 4] });
  t.same(users, ['a', 'b']);
  await t.rejects(readTimeline(fileOf(t, ['a x'])), { code: 'sequences-empty', message: /user item time/ });
});

t.test('a moment before or after everything leaves nothing to measure', async (t) => {
  const path = fileOf(t, ['ann a 10', 'ann b 20']);
  await t.rejects(asked(path, 5), { code: 'sequences-empty', message: /before/ });
  await t.rejects(asked(path, 50), { code: 'sequences-empty', message: /after/ });
});

/** 60 people walk on around a ring of 50; the last two steps of each come after the moment. */
const RING = Array.from({ length: 50 }, (_, n) => `i${n}`);
const walks = Array.from({ length: 60 }, (_, user) =>
  Array.from({ length: 10 }, (_, n) => `u${user} ${RING[(user + n) % 50]} ${n < 8 ? n : 1000 + n}`),
).flat();

t.test('a report by the moment says which it was, and has Markov right about what comes next', async (t) => {
  const report = await evaluate({
    ...{ sequences: fileOf(t, walks), recommenders: ['popularity', 'markov'], protocol: 'temporal' },
    ...{ cut: { share: 0.8 }, k: 10, seed: 1 },
  });
  t.match(report.protocol, { name: 'temporal', at: '1970-01-01T00:16:48.000Z', users: 60, tooShort: 0 });
  const { markov } = report.recommenders;
  t.equal(markov!['HR@10'], 1);
  t.equal(markov!['MRR@10'], 1, 'the next item stands first');
  t.ok(markov!['Recall@10']! >= 0.5, 'and is one of two');
});

t.test('a model may be asked when it says that it learned from before the moment only', async (t) => {
  const sequences = fileOf(t, walks);
  const home = dirname(sequences);
  const training = join(home, 'training.txt');
  const ask = (artifact: string, more: object = {}) =>
    evaluate({
      ...{ sequences, recommenders: ['sasrec'], artifacts: [artifact], protocol: 'temporal' as const },
      ...{ cut: { at: 1_000_000 }, k: 1, seed: 1, ...more },
    });
  const silent = await writeRingModel(home, RING, { version: 'silent' });
  await t.rejects(ask(silent, { training }), { code: 'artifact-leaks', message: /1970-01-01T00:16:40/ });
  const late = await writeRingModel(home, RING, { version: 'late', parameters: { until: 1_000_001 } });
  await t.rejects(ask(late), { code: 'artifact-leaks' });
  const early = await writeRingModel(home, RING, { version: 'early', parameters: { until: 1_000_000 } });
  t.equal((await ask(early)).recommenders.sasrec!['HR@1'], 1);
  t.equal((await readFile(training, 'utf8')).split('\n')[0], '1 i0');
  const dataset = await fileDigest(training);
  const fromFile = await writeRingModel(home, RING, { version: 'file', dataset });
  t.equal((await ask(fromFile)).recommenders.sasrec!['HR@1'], 1);
});

t.test('two models of one kind are two recommenders', async (t) => {
  const sequences = fileOf(t, walks);
  const home = dirname(sequences);
  const right = await writeRingModel(home, RING, { version: 'right', parameters: { until: 0 } });
  const wrong = await writeRingModel(home, RING, { version: 'wrong', step: 46, parameters: { until: 0 } });
  const { recommenders } = await evaluate({
    ...{ sequences, recommenders: ['sasrec'], artifacts: [right, wrong], k: 1, seed: 1 },
    protocol: 'temporal',
  });
  t.equal(recommenders['sasrec:right']!['HR@1'], 1);
  t.equal(recommenders['sasrec:wrong']!['HR@1'], 0);
});
