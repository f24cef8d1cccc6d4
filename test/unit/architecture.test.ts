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
  [
    'recommend',
    'imports',
    'evaluation',
    'experiments',
    'rerank',
    'taste',
    'w2w',
    'dpo',
    'trainings',
    'ranking',
    'promotion',
    'embedding',
    'classification',
    'moderation',
    'console',
  ],
  ['events'],
  ['catalog'],
  ['safety'],
  ['text', 'images', 'vectors', 'models'],
  ['jobs', 'keys', 'sidecar', 'vlm'],
  ['db'],
];
const FREE_FILES = ['errors.ts', 'config.ts', 'log.ts'];
const COMPOSITION = [
  'app.ts',
  'store.ts',
  'server.ts',
  'first-start.ts',
  'cli.ts',
  'diagnose.ts',
  'diagnose-others.ts',
  'advice.ts',
];
const SHARED_WORDS = /(^|\/)(types|columns|port|random)\.ts$/;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.split(sep).join('/'));

/** What a file takes from others: by import, by import when needed, and as a thread or process it starts. */
const REFERENCES = [
  /^(?:import|export)[^'"]*?from '(\.[^']+)'/gms,
  /\bimport\(\s*'(\.[^']+)'/g,
  /\bnew URL\('(\.[^']+\.ts)', import\.meta\.url\)/g,
  /\bjoin\(import\.meta\.dirname, '([^']+\.ts)'\)/g,
];
const importsOf = (file: string) => {
  const text = readFileSync(join(SRC, file), 'utf8');
  return REFERENCES.flatMap((reference) => [...text.matchAll(reference)]).map((match) =>
    relative(SRC, resolve(SRC, dirname(file), match[1]!))
      .split(sep)
      .join('/'),
  );
};
const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.');
const rank = (folder: string) => LAYERS.findIndex((layer) => layer.includes(folder));

t.test('what is loaded when it is needed, or runs in a thread or process, is seen here too', async (t) => {
  t.ok(importsOf('cli/world.ts').includes('../seed/truth.ts'));
  t.ok(importsOf('models/clip/tower.ts').includes('models/clip/tower-worker.ts'));
  t.ok(importsOf('db/embedded/join.ts').includes('db/embedded/supervisor.ts'));
});

t.test('the picture in ARCHITECTURE.md shows every folder of src', async (t) => {
  const text = readFileSync(resolve(SRC, '../ARCHITECTURE.md'), 'utf8');
  const picture = text.slice(text.indexOf('```'), text.indexOf('```', text.indexOf('```') + 3));
  const shown = new Set([...picture.matchAll(/[a-z0-9]+/g)].map(([word]) => word));
  t.same(
    [...new Set(files.map(folderOf))].filter((folder) => folder !== '.' && !shown.has(folder)),
    [],
  );
});

t.test('what ARCHITECTURE.md shows as an example is there and short', async (t) => {
  const text = readFileSync(resolve(SRC, '../ARCHITECTURE.md'), 'utf8');
  const from = text.indexOf('## Where to add');
  const examples = [...text.slice(from, text.indexOf('\n## ', from + 1)).matchAll(/\]\(([^)]+)\)/g)];
  t.ok(examples.length >= 10);
  for (const [, example] of examples)
    t.ok(readFileSync(resolve(SRC, '..', example!), 'utf8').split('\n').length <= 100, example);
});

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
  const known = new Set([...LAYERS.flat(), 'cli', '.']);
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
  const openers = files.filter((file) =>
    importsOf(file).some((target) => target === 'app.ts' || target === 'store.ts'),
  );
  t.same(
    openers.filter((file) => !COMPOSITION.includes(file) && !file.startsWith('cli/')),
    [],
  );
});

t.test('the service never reads what was planted in the demo world', async (t) => {
  const readers = files.filter((file) => importsOf(file).some((target) => target === '../seed/truth.ts'));
  t.same(readers, ['cli/world.ts'], 'only `hamlet world truth` does, when it is asked for');
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
