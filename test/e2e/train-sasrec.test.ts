import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { sidecarPython } from '../../scripts/sidecar-env.ts';
import { hamlet } from '../support/cli.ts';
import { newHome } from '../support/own-server.ts';

t.setTimeout(1_200_000);
await sidecarPython();
const home = newHome(t);
const folder = mkdtempSync(join(tmpdir(), 'hamlet-sasrec-'));
t.teardown(() => rmSync(folder, { recursive: true }));

/** Histories of 5 to 20 consecutive items on a ring of 50. */
const ring = join(folder, 'ring.txt');
const walk = (user: number) =>
  Array.from({ length: 5 + (user % 16) }, (_, n) => `i${(user * 7 + n) % 50}`).join(' ');
writeFileSync(ring, `${Array.from({ length: 200 }, (_, user) => `u${user} ${walk(user)}`).join('\n')}\n`);
const spec = join(folder, 'spec.json');
const small = { d: 16, heads: 1, blocks: 1, dropout: 0, length: 20, epochs: 12, patience: 3, batch: 32 };
writeFileSync(spec, JSON.stringify({ ...small, learningRate: 0.01, warmup: 5 }));

t.test('a ring of 50 items is learned from the terminal and judged beside Markov', async (t) => {
  const out = join(folder, 'out');
  const trained = hamlet(home, [
    'train',
    'sasrec',
    '--sequences',
    ring,
    '--out',
    out,
    '--seed',
    '1',
    '--spec',
    spec,
  ]);
  t.equal(trained.code, 0, trained.said.slice(-2000));
  const [name] = readdirSync(out).filter((entry) => entry.startsWith('sasrec-image-'));
  const json = join(folder, 'report.json');
  const words = ['evaluate', '--sequences', ring, '--artifact', join(out, name!), '--k', '1', '--json', json];
  const judged = hamlet(home, [...words, '--recommenders', 'markov,sasrec']);
  t.equal(judged.code, 0, judged.said);
  const { protocol, recommenders } = JSON.parse(readFileSync(json, 'utf8'));
  t.equal(protocol.name, 'leave-one-out-validation', 'the test is asked for by name only');
  t.equal(recommenders.sasrec['HR@1'], 1);
});

t.test('what the log teaches becomes a candidate, and bad words are refused', async (t) => {
  t.equal(hamlet(home, ['import', 'sequences', ring]).code, 0);
  const trained = hamlet(home, [
    'train',
    'sasrec',
    '--log',
    '--spec',
    spec,
    '--json',
    join(folder, 'log.json'),
  ]);
  t.equal(trained.code, 0, trained.said.slice(-2000));
  t.match(JSON.parse(readFileSync(join(folder, 'log.json'), 'utf8')), {
    ...{ kind: 'sasrec-image', state: 'candidate', validation: { 'HR@10': 1 } },
  });
  t.match(
    hamlet(home, ['train', 'sasrec']).said,
    /^hamlet: option-invalid: Either --sequences FILE or --log/m,
  );
  writeFileSync(spec, JSON.stringify({ d: 'wide' }));
  t.match(
    hamlet(home, ['train', 'sasrec', '--sequences', ring, '--out', join(folder, 'no'), '--spec', spec]).said,
    /^hamlet: spec-invalid: \/spec\/d /m,
  );
});
