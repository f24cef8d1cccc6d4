import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { SETTINGS } from '../../src/config.ts';

/** Images are not built here: what they rest on is held. */
const ROOT = resolve(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const manifest = JSON.parse(read('package.json'));
const IMAGES = ['Dockerfile', 'sidecar/Dockerfile'];

t.test('what the images copy is in the build context', async (t) => {
  const ignored = read('.dockerignore').trim().split('\n');
  for (const image of IMAGES) {
    const copied = [...read(image).matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, sources]) =>
      sources!.split(' '),
    );
    t.ok(copied.length > 0, image);
    for (const source of copied) {
      t.ok(existsSync(join(ROOT, source)), `${image}: ${source}`);
      t.notOk(ignored.includes(source.split('/')[0]!), `${source} is not ignored`);
    }
  }
});

t.test('what the service reads while it runs is not left out of its image', async (t) => {
  const ignored = read('.dockerignore').trim().split('\n');
  const needed = [
    'src',
    'seed',
    'schemas',
    'migrations',
    'weights',
    'sidecar',
    'package.json',
    'openapi.yaml',
  ];
  t.same(
    needed.filter((name) => ignored.includes(name) || !existsSync(join(ROOT, name))),
    [],
  );
});

t.test('the image without development packages has all that runs in it', async (t) => {
  const built = new Set([
    ...Object.keys(manifest.dependencies),
    ...Object.keys(manifest.peerDependencies ?? {}),
  ]);
  const lacking = new Set<string>();
  for (const folder of ['src', 'seed', 'schemas'])
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.ts'))
        for (const [, name] of read(join(folder, file)).matchAll(
          /^(?:import|export)(?! type)[^'"]*?from '([^.'][^']*)'/gms,
        )) {
          const parts = name!.split('/');
          const module = parts.slice(0, name!.startsWith('@') ? 2 : 1).join('/');
          if (!module.startsWith('node:') && !built.has(module)) lacking.add(module);
        }
  t.same([...lacking], []);
});

t.test('the images start what npm start and npm run sidecar start', async (t) => {
  const commandOf = (image: string): string[] => JSON.parse(/^CMD (\[.*\])$/m.exec(read(image))![1]!);
  t.equal(commandOf('Dockerfile').join(' '), manifest.scripts.start);
  t.match(read('Dockerfile'), `FROM node:${manifest.dependencies.node.split('.')[0]}-`);
  t.same(commandOf('sidecar/Dockerfile').slice(0, 4), ['python', '-m', 'hamlet_sidecar', 'serve']);
  const options = read('sidecar/hamlet_sidecar/__main__.py');
  for (const option of commandOf('sidecar/Dockerfile').filter((word) => word.startsWith('--')))
    t.match(options, `'${option}'`);
});

t.test('compose sets only what Hamlet knows, and names what it starts', async (t) => {
  const compose = read('compose.yaml');
  const api = compose.slice(compose.indexOf('  api:'), compose.indexOf('  sidecar:'));
  const settings = [...api.matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name]) => name!);
  t.ok(settings.length >= 4);
  t.same(
    settings.filter((name) => !(name in SETTINGS)),
    [],
  );
  for (const [, file] of compose.matchAll(/dockerfile: ([^ }]+)/g)) t.ok(existsSync(join(ROOT, file!)), file);
  const [, volumes] = /^volumes: \{(.*)\}$/m.exec(compose)!;
  for (const [, volume] of compose.matchAll(/volumes: \[(\w+):/g)) t.match(volumes, `${volume}: {}`);
  const client = manifest.dependencies['@qdrant/js-client-rest'].split('.').slice(0, 2).join('.');
  t.match(compose, `qdrant/qdrant:v${client}`, 'the server that the client is made for');
  t.ok(readdirSync(join(ROOT, 'migrations')).length > 0);
});
