import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readShowcase, showcasePaths } from '../../../seed/showcases.ts';

t.test('a card has the pictures its LoRA made, in their order, and nothing else of the folder', async (t) => {
  const folder = t.testdir({
    'lora-1-2-2.webp': 'b',
    'lora-1-2-1.webp': 'a',
    'lora-1-21-1.webp': 'c',
    'lora-1-2-1.txt': 'prompt',
    'notes.webp': 'x',
  });
  t.same(
    [...showcasePaths(folder)],
    [
      ['lora-1-2', ['/showcases/lora-1-2-1.webp', '/showcases/lora-1-2-2.webp']],
      ['lora-1-21', ['/showcases/lora-1-21-1.webp']],
    ],
  );
  t.equal((await readShowcase('lora-1-2-2', folder))?.toString(), 'b');
});

t.test('where no weights ship there are none', async (t) => {
  t.equal(showcasePaths(join(t.testdir(), 'away')).size, 0);
  t.equal(await readShowcase('lora-1-1-1', join(t.testdir(), 'away')), null);
});

t.test('no name leads out of the folder', async (t) => {
  const folder = t.testdir({ inside: {} });
  writeFileSync(join(folder, 'secret.webp'), 's');
  for (const name of ['../secret', 'secret', 'lora-1-1-1/../../secret', '', 'lora-1-1-1\0'])
    t.equal(await readShowcase(name, join(folder, 'inside')), null, JSON.stringify(name));
});
