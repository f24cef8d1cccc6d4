import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import t from 'tap';

const WEIGHTS = resolve(import.meta.dirname, '../../../weights');
const MOST_BYTES = 60e6;
/** Where exporters leave stack traces and places of origin. */
const PATHS = /\/(?:home|root|tmp|work|Users|usr\/lib)\/[\w.-]+|site-packages/;

const found = await readdir(WEIGHTS, { recursive: true, withFileTypes: true });
const files = await Promise.all(
  found
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return { name: relative(WEIGHTS, path), bytes: await readFile(path) };
    }),
);

t.test('the shipped weights are small enough to ship', async (t) => {
  const sum = files.reduce((total, { bytes }) => total + bytes.length, 0);
  t.ok(sum <= MOST_BYTES, `${sum} bytes`);
});

t.test('no shipped file tells of the machine that made it', async (t) => {
  const telling = files.filter(({ bytes }) => PATHS.test(bytes.toString('latin1'))).map(({ name }) => name);
  t.strictSame(telling, []);
});

t.test('no shipped file is a pickle or an archive', async (t) => {
  const kinds = new Set(files.map(({ name }) => name.slice(name.lastIndexOf('.'))));
  t.strictSame([...kinds].sort(), ['.f16', '.json', '.md', '.onnx', '.safetensors', '.webp']);
});
