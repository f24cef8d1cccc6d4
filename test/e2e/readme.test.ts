import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { startApi } from '../support/api-process.ts';
import { newFolder, write } from '../support/imports.ts';
import { newHome } from '../support/own-server.ts';
import { commandsOf, runCommand } from '../support/page-commands.ts';
import { patientFetch } from '../support/patient.ts';

// Some thirty commands, each a process of its own.
t.setTimeout(600_000);
const ROOT = resolve(import.meta.dirname, '../..');
const pages = ['client/README.md', 'README.md'].map((name) => readFileSync(join(ROOT, name), 'utf8'));

/** What is not run below, and the test or reason in its place. */
const ELSEWHERE: [RegExp, string][] = [
  [/^npm (ci|test|run bench)/, '.ci/run'],
  [/^npm (pack|install)|client\/example\.ts|node example\.ts/, 'test/e2e/client.test.ts'],
  [/^vllm serve|^VLM_BASE_URL=/, 'test/integration/rerank.test.ts'],
  [/^npx hamlet evaluate --rerank/, 'test/integration/evaluate-rerank.test.ts'],
  [/^CLIP_MODEL=/, 'test/integration/seeing.test.ts'],
  [/^npx hamlet embed/, 'test/integration/embedding.test.ts'],
  [/^PUT_SAFETY=/, 'test/integration/classification.test.ts'],
  [
    /on-sidecar|^npm run sidecar|^SIDECAR_URL=|admin\/trainings|models\/KIND/,
    'test/e2e/train-on-sidecar.test.ts',
  ],
  [/train sasrec|sasrec-image/, 'test/e2e/train-sasrec.test.ts'],
  [/two-tower/, 'test/e2e/train-two-tower.test.ts'],
  [/import movielens/, 'test/integration/imports/movielens.test.ts'],
  [/import imagegem/, 'test/integration/imports/imagegem.test.ts'],
  [/^npx hamlet seed/, 'test/integration/seed.test.ts'],
  [/^npx hamlet world (truth|export|check)/, 'test/sidecar/world-check.test.ts'],
  [/^npx hamlet w2w (inspect|personalize) |^open /, 'test/sidecar'],
  [/^npx hamlet dpo/, 'test/sidecar'],
  [/^npx hamlet safety check/, 'bench/safety.md'],
  [/^export |^docker compose|^DATABASE_URL=/, 'test/unit/compose.test.ts'],
];
/** The same on a small world, with few people. */
const SMALLER: [string | RegExp, string][] = [
  [/simulate --visitors 1000/g, 'simulate --visitors 40 --size small --url API'],
];

t.test('what README does not run here is run elsewhere', async (t) => {
  const commands = pages.flatMap(commandsOf);
  for (const [, where] of ELSEWHERE) t.ok(existsSync(join(ROOT, where)), where);
  t.ok(commands.length > 40);
});

t.test('every link of the pages leads somewhere', async (t) => {
  for (const [folder, page] of [
    ['client', pages[0]!],
    ['.', pages[1]!],
  ] as const)
    for (const [, link] of page.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
      t.ok(existsSync(join(ROOT, folder, link!)), link);
  const anchors = [...pages[1]!.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!.toLowerCase().replaceAll(' ', '-'),
  );
  for (const [, anchor] of pages[1]!.matchAll(/\]\(#([^)]+)\)/g)) t.ok(anchors.includes(anchor!), anchor);
});

t.test('README’s commands do what it says', { timeout: 580_000 }, async (t) => {
  const folder = newFolder(t);
  const home = newHome(t);
  write(
    folder,
    'clicks.txt',
    Array.from({ length: 30 }, (_, n) => `p${n % 6} film-${(n * 7) % 11}\n`).join(''),
  );
  write(folder, 'platform.ndjson', '{"kind":"image","id":"a","title":"Harbour","browsingLevel":1}\n');
  write(folder, 'items.csv', 'file,title\nhome.webp,Home\n');
  const api = await startApi(home, { DEMO_WORLD: 'small' });
  t.teardown(() => api.stop());
  const list = await patientFetch(`${api.url}/users/user-7/recommendations?limit=1`);
  const item = ((await list.json()) as { items: { id: string }[] }).items[0]!.id;
  const here: [string | RegExp, string][] = [
    ...SMALLER,
    [/http:\/\/127\.0\.0\.1:3000|\bAPI\b/g, api.url],
    [/\bITEM\b/g, item],
    [' weights/loras', ` ${join(ROOT, 'weights/loras')}`],
    ['/new/home', newHome(t)],
    ['--pictures FOLDER', `--pictures ${join(ROOT, 'docs')}`],
    ['/backups/monday', join(folder, 'monday')],
  ];
  const said: Record<string, string> = {};
  for (const command of pages.flatMap(commandsOf)) {
    if (ELSEWHERE.some(([pattern]) => pattern.test(command))) continue;
    const line = here.reduce((text, [from, to]) => text.replaceAll(from as string, to), command);
    const ran = await runCommand(line, folder, { HAMLET_HOME: home });
    t.equal(ran.code, 0, `${ran.seconds.toFixed(1)} s: ${command.split('\n')[0]}`);
    if (ran.code !== 0) t.comment(ran.said.slice(-2000));
    said[command.split(/ [<'#-]/)[0]!.trim()] = ran.out;
  }
  t.match(said['npx hamlet experiment report personal'], /^VERDICT on personal/m);
  t.match(said['npx hamlet backup /backups/monday'], /"items": \d{3}/);
});
