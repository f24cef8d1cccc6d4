import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { sidecarPython } from '../../scripts/sidecar-env.ts';
import { startApi } from '../support/api-process.ts';
import { hamlet } from '../support/cli.ts';
import { newHome } from '../support/own-server.ts';
import { patientFetch } from '../support/patient.ts';

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

/** Trains on the log; answers the version. */
function learnFromLog(t: Test, seed: string): string {
  const json = join(folder, `log-${seed}.json`);
  const trained = hamlet(home, ['train', 'sasrec', '--log', '--seed', seed, '--spec', spec, '--json', json]);
  t.equal(trained.code, 0, trained.said.slice(-2000));
  const told = JSON.parse(readFileSync(json, 'utf8'));
  t.match(told, { kind: 'sasrec-image', state: 'candidate', validation: { 'HR@10': 1 } });
  return told.version;
}

t.test(
  'what the log teaches serves once it is promoted, and is changed with no failed request',
  async (t) => {
    t.equal(hamlet(home, ['import', 'sequences', ring]).code, 0);
    const first = learnFromLog(t, '1');
    const second = learnFromLog(t, '2');
    const api = await startApi(home, { DRAW_SHARE: '0', EXPLORE_SHARE: '0' });
    t.teardown(() => api.stop());
    const statuses: number[] = [];
    const list = async (person: string) => {
      const answer = await patientFetch(`${api.url}/users/${person}/recommendations?limit=5`);
      statuses.push(answer.status);
      return (await answer.json()) as {
        items: { id: string; sources: string[] }[];
        versions: Record<string, string>;
        degraded: { stage: string }[];
      };
    };
    /** A busy machine may be late for one list, which then says so. */
    const whole = async (person: string) => {
      for (;;) {
        const made = await list(person);
        if (!made.degraded.some(({ stage }) => stage === 'sequence')) return made;
      }
    };
    const serves = async (version: string | undefined) => {
      const until = Date.now() + 60_000;
      for (let n = 0; (await list(`u${n % 200}`)).versions.sequence !== version; n++) {
        if (Date.now() > until) throw new Error(`${version} does not serve`);
        await sleep(5);
      }
    };
    const putInForce = async (version: string) => {
      const path = `/admin/models/sasrec-image/${version}/promote`;
      t.equal((await patientFetch(api.url + path, { method: 'POST' })).status, 200);
      await serves(version);
    };
    t.equal((await list('u5')).versions.sequence, undefined, 'a candidate does not serve');
    await putInForce(first);
    // Person 5 walked from 35 to 44.
    const before = await whole('u5');
    t.equal(before.items[0]!.id, 'i45');
    t.ok(before.items[0]!.sources.includes('sequence'));
    await like(api.url, 'u5', 'i45');
    t.equal((await whole('u5')).items[0]!.id, 'i46', 'an event is in the very next list');
    await putInForce(second);
    const back = () => hamlet(home, ['models', 'rollback', 'sasrec-image']);
    for (const version of [first, null]) t.match(JSON.parse(back().out), { kind: 'sasrec-image', version });
    await serves(undefined);
    t.match(back(), { code: 1, said: /^hamlet: nothing-to-roll-back: /m });
    t.ok(
      statuses.every((status) => status === 200),
      `${statuses.length} lists`,
    );
  },
);

async function like(url: string, userId: string, itemId: string): Promise<void> {
  const event = { eventId: `e-${itemId}`, userId, itemKind: 'image', itemId, type: 'like' };
  await patientFetch(`${url}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ events: [{ ...event, occurredAt: new Date().toISOString() }] }),
  });
}

t.test(
  'a model is judged by what the log holds beyond its training, and serves if it is better',
  async (t) => {
    const json = join(folder, 'judged.json');
    const words = [
      'train',
      'sasrec',
      '--log',
      '--until',
      '0.6',
      '--seed',
      '1',
      '--spec',
      spec,
      '--json',
      json,
    ];
    t.equal(hamlet(home, words).code, 0);
    const { version } = JSON.parse(readFileSync(json, 'utf8'));
    const judged = hamlet(home, ['models', 'judge', 'sasrec-image', version]);
    t.match(JSON.parse(judged.out), {
      outcome: 'promoted',
      against: 'popularity',
      reason: /^it is better: NDCG@10/,
    });
    const listed = JSON.parse(hamlet(home, ['models', 'list', 'sasrec-image']).out) as { state: string }[];
    t.match(
      listed.find(({ state }) => state === 'active'),
      { version, metrics: { verdict: { outcome: 'promoted' } } },
    );
  },
);

t.test('bad words are refused', async (t) => {
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
