import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { listArtifacts } from '../../src/models/index.ts';
import { testDatabase } from '../support/database.ts';
import { processesOf, startSidecar } from '../support/sidecar.ts';
import { atStep, openTestTrainings, over, until } from '../support/trainings.ts';

t.setTimeout(1_200_000);
const home = t.testdir();
const sidecar = await startSidecar(t, home);
const db = await testDatabase(t);
const trainings = await openTestTrainings(t, db, home, [sidecar.url]);
const nowhere = 'http://127.0.0.1:9';

/** Another api over a database of its own, with other sidecars. */
const elsewhere = async (t: Test, urls: string[], options: Parameters<typeof openTestTrainings>[4] = {}) =>
  openTestTrainings(t, await testDatabase(t), home, urls, options);

t.test('a training is pushed, watched and done, and its artifact is a candidate', async (t) => {
  const { id, state } = await trainings.start('make_artifact', { steps: 3, seconds: 0.2 });
  t.equal(state, 'queued');
  t.match(await until(trainings, id, atStep(1)), { state: 'running', attempt: 1, sidecar: sidecar.url });
  t.match(await until(trainings, id, over), {
    state: 'done',
    progress: 1,
    error: null,
    result: { counted: 3, artifact: `toy-${id}` },
  });
  const [artifact] = await listArtifacts(db, 'toy');
  t.match(artifact, {
    version: id,
    state: 'candidate',
    metrics: { accuracy: 0.5 },
    manifest: { seeds: [1] },
  });
});

t.test('a training that is cancelled ends within two seconds, wherever it is', async (t) => {
  const running = await trainings.start('stubborn', {});
  const waiting = await trainings.start('count', { steps: 1 });
  await until(trainings, running.id, ({ progress }) => progress > 0);
  t.equal((await trainings.cancel(waiting.id)).cancelRequested, true);
  const began = Date.now();
  await trainings.cancel(running.id);
  t.match(await until(trainings, running.id, over), { state: 'cancelled', result: null, error: null });
  t.ok(Date.now() - began < 2500, `${Date.now() - began} ms`);
  t.match(await until(trainings, waiting.id, over), { state: 'cancelled', attempt: 0 });
  const after = await trainings.cancel(running.id);
  t.match(after, { state: 'cancelled' }, 'cancelling what is over changes nothing');
});

t.test('a job that cannot succeed fails with its reason, once', async (t) => {
  for (const [kind, spec, code] of [
    ['fall', { how: 'raise' }, 'job-error'],
    ['exhaust', { of: 'python' }, 'out-of-memory'],
    ['read_file', { path: '../../../etc/passwd' }, 'path-outside'],
    ['make_artifact', { steps: 1, spoil: 'digest' }, 'artifact-invalid'],
    ['make_artifact', { steps: 1, spoil: 'pickle' }, 'artifact-pickle'],
    ['make_artifact', { steps: 1, spoil: 'outside' }, 'artifact-invalid'],
  ] as const) {
    const { id } = await trainings.start(kind, spec);
    const ended = await until(trainings, id, over);
    t.match(ended, { state: 'failed', attempt: 1, result: null, error: { code, message: String } }, code);
  }
  t.equal((await listArtifacts(db, 'toy')).length, 1, 'nothing of it was entered');
  const counts = await trainings.counts();
  t.match(
    counts.find(({ code }) => code === 'artifact-pickle'),
    { kind: 'make_artifact', state: 'failed', count: 1 },
  );
});

t.test(
  'a model that answers here as it did there is a candidate, and one that does not is refused',
  async (t) => {
    const same = await trainings.start('export_model', {});
    t.match(await until(trainings, same.id, over), { state: 'done', error: null });
    t.match(await listArtifacts(db, 'network'), [{ version: same.id, state: 'candidate' }]);
    const other = await trainings.start('export_model', { answers: 'of another' });
    t.match(await until(trainings, other.id, over), {
      state: 'failed',
      error: { code: 'artifact-invalid', message: /net\.onnx answers y [0-9.]+ off its stored answer/ },
    });
  },
);

t.test('a dead sidecar is passed over', async (t) => {
  const trainings = await elsewhere(t, [nowhere, sidecar.url]);
  const { id } = await trainings.start('count', { steps: 2 });
  t.match(await until(trainings, id, over), { state: 'done', attempt: 1, sidecar: sidecar.url });
  t.equal(processesOf(home, id).length, 1);
  t.match(trainings.faults(), [{ address: nowhere, code: 'sidecar-unreachable' }]);
});

t.test('while no sidecar answers a training says so, and fails when that lasts', async (t) => {
  const trainings = await elsewhere(t, [nowhere], { times: { patience: 1500 } });
  const { id } = await trainings.start('count', { steps: 2 });
  t.match((await until(trainings, id, ({ log }) => log.length > 0)).log, [/sidecar-unreachable/]);
  t.match(await until(trainings, id, over), { state: 'failed', error: { code: 'sidecar-unavailable' } });
});

t.test('a sidecar of another contract, or with another token, gets nothing', async (t) => {
  const old = createServer((_, answer) => {
    answer.setHeader('content-type', 'application/json');
    answer.end(
      JSON.stringify({
        ...{ contract: 'hamlet-jobs/0', device: 'cpu', deviceName: 'CPU', freeMemoryMB: 1 },
        ...{ kinds: ['count'], running: 0, queued: 0 },
      }),
    );
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => old.once('listening', listening));
  t.teardown(() => old.close());
  const locked = await startSidecar(t, join(home, 'locked'), { token: 'right' });
  const times = { patience: 500 };
  const outdated = `http://127.0.0.1:${(old.address() as AddressInfo).port}`;
  const trainings = await elsewhere(t, [outdated, locked.url], { token: 'wrong', times });
  const { id } = await trainings.start('count', { steps: 1 });
  const { error } = await until(trainings, id, over);
  t.match(error, { code: 'sidecar-unavailable', message: /sidecar-contract.*token-wrong/ });
  t.same(new Set(trainings.faults().map(({ code }) => code)), new Set(['sidecar-contract', 'token-wrong']));

  const right = await elsewhere(t, [outdated, locked.url], { token: 'right' });
  const done = await right.start('count', { steps: 1 });
  t.match(await until(right, done.id, over), { state: 'done', sidecar: locked.url });
});

t.test('what cannot be asked for is refused before it is stored', async (t) => {
  const before = (await trainings.list()).length;
  await t.rejects(trainings.start('toString', {}), { code: 'kind-unknown', status: 400, pointer: '/kind' });
  await t.rejects(trainings.start('count', { text: 'x'.repeat(300_000) }), { code: 'spec-too-large' });
  t.equal((await trainings.list()).length, before);
  await t.rejects(trainings.get('no-such'), { code: 'training-unknown', status: 404 });
  const none = await elsewhere(t, []);
  await t.rejects(none.start('count', {}), {
    code: 'sidecar-unavailable',
    status: 503,
    message: /npm run sidecar/,
  });
});
