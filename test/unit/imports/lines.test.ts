import t from 'tap';
import { LINE_LIMIT, readLines } from '../../../src/imports/lines.ts';
import { newFolder, write } from '../../support/imports.ts';

const folder = newFolder(t);
async function linesOf(content: string | Uint8Array): Promise<(string | undefined)[]> {
  const all: (string | undefined)[] = [];
  for await (const { first, lines, fraction } of readLines(write(folder, 'file.txt', content))) {
    t.equal(first, all.length + 1, 'numbers go on');
    t.ok(fraction > 0 && fraction <= 1);
    all.push(...lines);
  }
  return all;
}

t.test('lines are the same whatever ends them, and a byte order mark is none of them', async (t) => {
  t.same(await linesOf('\uFEFFa\r\nb\n\nc'), ['a', 'b', '', 'c']);
  t.same(await linesOf('a\nb\n'), ['a', 'b']);
  t.same(await linesOf(''), []);
});

t.test('a line that is no UTF-8 is latin-1, its neighbours stay what they are', async (t) => {
  const mixed = Buffer.concat([
    Buffer.from('señor\n'),
    Buffer.from('caf\xe9\n', 'latin1'),
    Buffer.from('naïve'),
  ]);
  t.same(await linesOf(mixed), ['señor', 'café', 'naïve']);
});

t.test('characters and lines that lie across two pieces stay whole', async (t) => {
  const line = `${'é'.repeat(700_001)}x`;
  t.same(await linesOf([line, line, 'end'].join('\n')), [line, line, 'end']);
});

t.test('a line beyond all measure is passed over and the next ones are read', async (t) => {
  const content = Buffer.alloc(LINE_LIMIT + 3_000_000, 'y');
  t.same(await linesOf(Buffer.concat([Buffer.from('a\n'), content, Buffer.from('\nb\n')])), [
    'a',
    undefined,
    'b',
  ]);
  t.same(await linesOf(content), [undefined]);
});
