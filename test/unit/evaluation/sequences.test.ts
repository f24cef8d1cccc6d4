import { createHash } from 'node:crypto';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readSequences, type Sequences } from '../../../src/evaluation/sequences.ts';
import { leaveOneOut } from '../../../src/evaluation/splits.ts';

const fileOf = (t: Test, text: string) => join(t.testdir({ 'sequences.txt': text }), 'sequences.txt');

/** Histories by user, in the file's own names. */
const histories = ({ users, items, offsets, columns }: Sequences) =>
  Object.fromEntries(
    users.map((user, u) => [user, [...columns.subarray(offsets[u], offsets[u + 1])].map((c) => items[c])]),
  );

t.test('pairs and rows of the same histories read the same', async (t) => {
  const pairs = await readSequences(fileOf(t, 'a x\na y\nb y\na z\nb x\n'));
  const rows = await readSequences(fileOf(t, 'a x y z\nb y x\n'));
  t.same(histories(pairs), { a: ['x', 'y', 'z'], b: ['y', 'x'] });
  t.same(histories(rows), histories(pairs));
  t.match(rows.dataset, { file: 'sequences.txt', users: 2, items: 3, interactions: 5, repeats: 0 });
});

t.test('the digest is that of the file', async (t) => {
  const text = 'a x\r\na y';
  const { dataset } = await readSequences(fileOf(t, text));
  t.equal(dataset.sha256, createHash('sha256').update(text).digest('hex'));
});

t.test('rows of two words are pairs unless the caller says otherwise', async (t) => {
  const file = fileOf(t, 'a x\nb y\n');
  t.same(histories(await readSequences(file)), { a: ['x'], b: ['y'] });
  t.same(histories(await readSequences(file, 'rows')), { a: ['x'], b: ['y'] });
});

t.test('tabs, carriage returns, blank lines and a missing last newline are understood', async (t) => {
  const sequences = await readSequences(fileOf(t, '\uFEFFa\tx\r\n\r\n  a   y  \n\na z'));
  t.same(histories(sequences), { a: ['x', 'y', 'z'] });
  t.equal(sequences.dataset.malformed.lines, 0);
});

t.test('malformed lines are counted and named by number, and stop nothing', async (t) => {
  const sequences = await readSequences(
    fileOf(t, `a x\nalone\na y\na y z\n${'i'.repeat(300)} x\nb x\n`),
    'pairs',
  );
  t.same(sequences.dataset.malformed, { lines: 3, first: [2, 4, 5] });
  t.same(histories(sequences), { a: ['x', 'y'], b: ['x'] });
});

t.test('a thousand malformed lines are counted, the first twenty named', async (t) => {
  const { dataset } = await readSequences(fileOf(t, `a x\n${'alone\n'.repeat(1000)}`));
  t.equal(dataset.malformed.lines, 1000);
  t.same(
    dataset.malformed.first,
    Array.from({ length: 20 }, (_, n) => n + 2),
  );
});

t.test('names that objects have by themselves are users and items like any other', async (t) => {
  const sequences = await readSequences(fileOf(t, '__proto__ constructor toString\n'));
  t.same(sequences.users, ['__proto__']);
  t.same(sequences.items, ['constructor', 'toString']);
});

t.test('of an item that repeats in a history the last occurrence stays', async (t) => {
  const sequences = await readSequences(fileOf(t, 'a x y x z x\n'));
  t.same(histories(sequences), { a: ['y', 'z', 'x'] });
  t.equal(sequences.dataset.repeats, 2);
});

t.test('no file, a folder, an empty file and one without a fitting line are said apart', async (t) => {
  await t.rejects(readSequences(join(t.testdir(), 'none.txt')), { code: 'file-unreadable', status: 400 });
  await t.rejects(readSequences(t.testdir()), { code: 'file-unreadable' });
  await t.rejects(readSequences(fileOf(t, '')), { code: 'sequences-empty', message: /is empty/ });
  await t.rejects(readSequences(fileOf(t, '\nalone\n')), { code: 'sequences-empty', message: /line 2/ });
});

t.test('leave-one-out hides the last item and learns from what is before it', async (t) => {
  const sequences = await readSequences(fileOf(t, 'a x y z\nb y x\nc x\n'));
  const { training, questions, tooShort } = leaveOneOut(sequences);
  const name = (column: number) => sequences.items[column];
  t.same(
    questions.map(({ targets }) => [...targets].map(name)),
    [['z'], ['x']],
  );
  t.same([...training.columns].map(name), ['x', 'y', 'y']);
  t.same([...training.offsets], [0, 2, 3]);
  t.same(
    questions.map(({ user }) => user),
    [0, 1],
  );
  t.equal(tooShort, 1, 'one item is nothing to learn from');
  t.equal(training.items.length, 3, 'the catalogue is the whole file');
});

t.test('validation hides the last but one, and the last is nowhere', async (t) => {
  const sequences = await readSequences(fileOf(t, 'a x y z\nb y x\n'));
  const { training, questions, tooShort } = leaveOneOut(sequences, 'validation');
  t.same(
    questions.map(({ targets }) => sequences.items[targets[0]!]),
    ['y'],
  );
  t.same(
    [...training.columns].map((column) => sequences.items[column]),
    ['x'],
  );
  t.equal(tooShort, 1);
});
