import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { sidecarPython } from '../../scripts/sidecar-env.ts';
import { startApi } from '../support/api-process.ts';
import { hamlet } from '../support/cli.ts';
import { writeMatrix } from '../support/matrix.ts';
import { newHome } from '../support/own-server.ts';
import { patientFetch } from '../support/patient.ts';

t.setTimeout(1_200_000);
await sidecarPython();
const home = newHome(t);
const folder = mkdtempSync(join(tmpdir(), 'hamlet-two-tower-'));
t.teardown(() => rmSync(folder, { recursive: true }));

/** Four groups of 20 items; a person has ten of a group. */
const GROUP = 20;
const has = (user: number) =>
  Array.from({ length: 10 }, (_, n) => (user % 4) * GROUP + ((user * 3 + n * 7) % GROUP));
const people = Array.from({ length: 120 }, (_, user) => has(user));
const spec = join(folder, 'spec.json');
writeFileSync(spec, JSON.stringify({ d: 16, epochs: 2, batch: 32, learningRate: 0.01, warmup: 5 }));

t.test('groups are learned from the terminal and judged on what was kept', async (t) => {
  const train = await writeMatrix(
    join(folder, 'train.npz'),
    people.map((row) => row.slice(2).sort((a, b) => a - b)),
    4 * GROUP,
  );
  const test = await writeMatrix(
    join(folder, 'test.npz'),
    people.map((row) => row.slice(0, 2).sort((a, b) => a - b)),
    4 * GROUP,
  );
  const json = join(folder, 'trained.json');
  const words = ['train', 'two-tower', '--interactions-train', train, '--out', join(folder, 'out')];
  const trained = hamlet(home, [...words, '--seed', '1', '--spec', spec, '--json', json]);
  t.equal(trained.code, 0, trained.said.slice(-2000));
  const artifact = join(folder, 'out', JSON.parse(readFileSync(json, 'utf8')).artifact);
  const asked = ['evaluate', '--interactions-train', train, '--interactions-test', test, '--k', '20'];
  const judged = hamlet(home, [...asked, '--recommenders', 'popularity', '--json', json]);
  t.equal(judged.code, 0, judged.said);
  t.ok(JSON.parse(readFileSync(json, 'utf8')).recommenders.popularity['Recall@20'] < 0.6);
  t.match(
    hamlet(home, [...asked, '--recommenders', 'two-tower', '--artifact', folder]).said,
    /artifact-invalid/,
  );
  t.ok(artifact.includes('two-tower-image-'));
});

t.test('what the log teaches serves once it is promoted', async (t) => {
  const file = join(folder, 'rows.txt');
  writeFileSync(
    file,
    `${people.map((row, user) => `u${user} ${row.map((n) => `i${n}`).join(' ')}`).join('\n')}\n`,
  );
  t.equal(hamlet(home, ['import', 'sequences', file]).code, 0);
  const json = join(folder, 'log.json');
  const trained = hamlet(home, ['train', 'two-tower', '--log', '--spec', spec, '--json', json]);
  t.equal(trained.code, 0, trained.said.slice(-2000));
  const { version, state } = JSON.parse(readFileSync(json, 'utf8'));
  t.equal(state, 'candidate');
  t.equal(hamlet(home, ['models', 'promote', 'two-tower-image', version]).code, 0);
  const api = await startApi(home, { DRAW_SHARE: '0', EXPLORE_SHARE: '0' });
  t.teardown(() => api.stop());
  /** A busy machine may be late for one list, which then says so. */
  for (;;) {
    const answer = await patientFetch(`${api.url}/users/u5/recommendations?limit=5`);
    const list = (await answer.json()) as {
      items: { id: string; sources: string[] }[];
      versions: Record<string, string>;
      degraded: { stage: string }[];
    };
    t.equal(list.versions.towers, version);
    if (list.degraded.some(({ stage }) => stage === 'two-tower')) continue;
    t.ok(list.items.some(({ sources }) => sources.includes('two-tower')));
    t.ok(
      list.items.every(({ id }) => Math.floor(Number(id.slice(1)) / GROUP) === 1),
      'of the person’s group',
    );
    break;
  }
});

t.test('bad words are refused', async (t) => {
  t.match(hamlet(home, ['train', 'two-tower']).said, /^hamlet: option-invalid: Either --interactions-train/m);
});
