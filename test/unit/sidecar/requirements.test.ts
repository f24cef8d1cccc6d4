import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { leaveOut } from '../../../scripts/python-env.ts';
import { SIDECAR } from '../../../scripts/sidecar-env.ts';

const linesOf = (file: string) =>
  readFileSync(join(SIDECAR, file), 'utf8')
    .split('\n')
    .filter((line) => /^\w/.test(line));
const pinned = readFileSync(join(SIDECAR, 'requirements.txt'), 'utf8');

t.test('everything that is asked for is pinned as it was asked for, and by hash', async (t) => {
  for (const asked of linesOf('requirements.in')) t.ok(pinned.includes(`\n${asked} \\\n`), asked);
  const blocks = pinned.split(/^(?=\w)/m).slice(1);
  t.ok(blocks.length > 60);
  t.same(
    blocks.filter((block) => !/^\S+==\S+/.test(block) || !block.includes('--hash=sha256:')),
    [],
  );
  t.notMatch(pinned, /:\/\//, 'from whatever index the machine uses');
});

t.test('what a machine without CUDA leaves out is in the list, and the rest stays', async (t) => {
  const names = linesOf('cuda-only.txt');
  const before = linesOf('requirements.txt').length;
  const kept = leaveOut(pinned, names);
  t.equal(kept.match(/^\w/gm)!.length, before - names.length, 'each of them once');
  for (const name of names) t.notOk(kept.includes(`\n${name}==`), name);
  t.match(kept, /\ntorch==/);
  t.match(kept, /\nnvidia-cublas==/, 'PyTorch is linked against it');
});
