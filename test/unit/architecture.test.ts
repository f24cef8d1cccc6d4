import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import t from 'tap';

/**
 * Holds the rules of ARCHITECTURE.md: imports point one way, features meet only at their index or
 * types files, one place reads the environment.
 */
const SRC = resolve(import.meta.dirname, '../../src');

/** Who may import whom, by folder. `.` is a file directly in src/. */
const LAYERS: string[][] = [
  ['http'],
  ['recommend', 'imports', 'evaluation', 'experiments', 'rerank', 'personalize', 'trainings', 'embedding'],
  ['events'],
  ['catalog'],
  ['text', 'images', 'vectors', 'models'],
  ['jobs', 'keys', 'sidecar'],
  ['db'],
];
const FREE_FILES = ['errors.ts', 'config.ts', 'log.ts'];
const COMPOSITION = ['app.ts', 'server.ts', 'first-start.ts', 'cli.ts', 'diagnose.ts'];
const SHARED_WORDS = /(^|\/)(types|columns|port|random)\.ts$/;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.split(sep).join('/'));

const importsOf = (file: string) =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(/^(?:import|export)[^'"]*?from '(\.[^']+)'/gms)].map(
    (match) =>
      relative(SRC, resolve(SRC, dirname(file), match[1]!))
        .split(sep)
        .join('/'),
  );
const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.');
const rank = (folder: string) => LAYERS.findIndex((layer) => layer.includes(folder));

t.test('imports point from http down to db, never up', async (t) => {
  const wrong: string[] = [];
  for (const file of files) {
    const from = folderOf(file);
    if (from === '.' || from === 'cli') continue;
    for (const target of importsOf(file)) {
      const to = folderOf(target);
      if (to === from || FREE_FILES.includes(target) || SHARED_WORDS.test(target)) continue;
      if (to === '..' || target.startsWith('../schemas')) continue;
      if (rank(to) < rank(from)) wrong.push(`${file} → ${target}`);
    }
  }
  t.same(wrong, []);
});

t.test('every folder of src has its place in the layers', async (t) => {
  const known = new Set([...LAYERS.flat(), 'cli', 'console', '.']);
  t.same(
    [...new Set(files.map(folderOf))].filter((folder) => !known.has(folder)),
    [],
  );
});

t.test('a feature is entered through its index file', async (t) => {
  const wrong: string[] = [];
  for (const file of files) {
    for (const target of importsOf(file)) {
      const to = folderOf(target);
      if (to === '.' || to === '..' || to === folderOf(file) || to === 'cli') continue;
      if (target === `${to}/index.ts` || SHARED_WORDS.test(target)) continue;
      wrong.push(`${file} → ${target}`);
    }
  }
  t.same(wrong, []);
});

t.test('only config.ts reads the environment', async (t) => {
  const readers = files.filter((file) => /process\.env/.test(readFileSync(join(SRC, file), 'utf8')));
  t.same(readers, ['config.ts']);
});

t.test('only the composition root opens parts', async (t) => {
  const openers = files.filter((file) => importsOf(file).some((target) => target === 'app.ts'));
  t.same(
    openers.filter((file) => !COMPOSITION.includes(file) && !file.startsWith('cli/')),
    [],
  );
});

t.test('the service never reads what was planted in the demo world', async (t) => {
  const readers = files.filter((file) => importsOf(file).some((target) => target === '../seed/truth.ts'));
  t.same(readers, [], 'only `hamlet world truth` does, when it is asked for');
});

t.test('no test depends on the benchmarks', async (t) => {
  const tests = resolve(SRC, '../test');
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  t.same(
    files.filter((file) => /from '[^']*\/bench\//.test(readFileSync(join(tests, file), 'utf8'))),
    [],
  );
});

t.test('no file of src is longer than 300 lines', async (t) => {
  const long = files.filter((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length > 300);
  t.same(long, []);
});
