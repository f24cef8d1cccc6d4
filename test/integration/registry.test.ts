import { appendFile, cp, mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  activeArtifact,
  listArtifacts,
  promote,
  registerArtifact,
  rollback,
  writeArtifact,
} from '../../src/models/index.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase(t);
let kinds = 0;

/** A home with artifacts v1, v2… of a kind nobody else uses. */
async function workshop(t: Test, versions: string[]) {
  const kind = `tower-${++kinds}`;
  const home = t.testdir();
  const folder = (version: string) => join(home, 'artifacts', `${kind}-${version}`);
  const write = (version: string) =>
    writeArtifact(
      folder(version),
      { kind, version, contract: 'tower/1', dataset: {}, parameters: {} },
      { 'weights.bin': Buffer.from(version) },
    );
  for (const version of versions) await write(version);
  const register = (version: string) => registerArtifact(db, home, kind, folder(version), { 'NDCG@10': 0.1 });
  return { kind, home, folder, write, register };
}

t.test('what is registered is a candidate, and nothing is in force yet', async (t) => {
  const { kind, register } = await workshop(t, ['v1']);
  t.match(await register('v1'), {
    kind,
    version: 'v1',
    state: 'candidate',
    promotedAt: null,
    metrics: { 'NDCG@10': 0.1 },
  });
  t.equal(await activeArtifact(db, kind), null);
});

t.test(
  'the same artifact written by many at once is whole whenever one of them has written it',
  async (t) => {
    const { write, register } = await workshop(t, []);
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        await write('v1');
        t.match(await register('v1'), { version: 'v1' });
      }),
    );
  },
);

t.test('promoting puts one version in force and retires the one before', async (t) => {
  const { kind, register } = await workshop(t, ['v1', 'v2']);
  await register('v1');
  await register('v2');
  await promote(db, kind, 'v1');
  t.match(await promote(db, kind, 'v2'), { version: 'v2', state: 'active' });
  t.match(await activeArtifact(db, kind), { version: 'v2', state: 'active', promotedAt: String });
  const states = Object.fromEntries(
    (await listArtifacts(db, kind)).map(({ version, state }) => [version, state]),
  );
  t.same(states, { v1: 'retired', v2: 'active' });
});

t.test('promoting what is in force changes nothing', async (t) => {
  const { kind, register } = await workshop(t, ['v1']);
  await register('v1');
  await promote(db, kind, 'v1');
  const before = await activeArtifact(db, kind);
  await promote(db, kind, 'v1');
  t.same(await activeArtifact(db, kind), before);
});

t.test(
  'rolling back goes one version back each time, rejects what it leaves, and ends with none in force',
  async (t) => {
    const { kind, register } = await workshop(t, ['v1', 'v2', 'v3']);
    for (const version of ['v1', 'v2', 'v3']) {
      await register(version);
      await promote(db, kind, version);
    }
    t.match(await rollback(db, kind), { version: 'v2', state: 'active' });
    t.match(await rollback(db, kind), { version: 'v1' });
    t.equal(await rollback(db, kind), null);
    t.equal(await activeArtifact(db, kind), null);
    await t.rejects(rollback(db, kind), { code: 'nothing-to-roll-back', status: 409 });
    const states = Object.fromEntries(
      (await listArtifacts(db, kind)).map(({ version, state }) => [version, state]),
    );
    t.same(states, { v1: 'rejected', v2: 'rejected', v3: 'rejected' });
    t.match(await register('v3'), { state: 'rejected' }, 'entering it again does not clear it');
    await promote(db, kind, 'v3');
    t.equal((await activeArtifact(db, kind))?.version, 'v3', 'an operator may still ask for it by name');
  },
);

t.test('a version nobody entered cannot be promoted, a kind nobody promoted not rolled back', async (t) => {
  const { kind, register } = await workshop(t, ['v1']);
  await register('v1');
  await t.rejects(promote(db, kind, 'v9'), { code: 'artifact-unknown', status: 404 });
  await t.rejects(promote(db, "x'; drop table artifacts; --", 'v1'), { code: 'artifact-unknown' });
  await t.rejects(rollback(db, kind), { code: 'nothing-to-roll-back' });
});

t.test('twenty promotions at once leave exactly one version in force', async (t) => {
  const versions = ['v1', 'v2', 'v3', 'v4'];
  const { kind, register } = await workshop(t, versions);
  await Promise.all(versions.map(register));
  await Promise.all(Array.from({ length: 20 }, (_, n) => promote(db, kind, versions[n % 4]!)));
  const all = await listArtifacts(db, kind);
  t.equal(all.filter(({ state }) => state === 'active').length, 1);
  t.equal(all.length, 4);
});

t.test('only whole folders of the home are entered, under their own name and kind', async (t) => {
  const { kind, home, folder, write, register } = await workshop(t, ['v1', 'v2', 'v3']);
  const refused = { code: 'artifact-invalid', status: 422 };
  await t.rejects(registerArtifact(db, home, 'other-kind', folder('v1')), refused, 'another kind');
  await t.rejects(register('v9'), refused, 'no such folder');
  await t.rejects(registerArtifact(db, home, kind, home), refused, 'the home itself');
  await t.rejects(
    registerArtifact(db, home, kind, join(home, 'artifacts', '..', '..')),
    refused,
    'a way out',
  );

  const outside = join(home, 'outside', `${kind}-v1`);
  await cp(folder('v1'), outside, { recursive: true });
  await t.rejects(registerArtifact(db, home, kind, outside), refused, 'a folder elsewhere');
  await symlink(outside, folder('linked'));
  await t.rejects(register('linked'), refused, 'a link that leads elsewhere');

  await rename(folder('v3'), folder('v4'));
  await t.rejects(register('v4'), refused, 'a name that is not its version');
  await appendFile(join(folder('v2'), 'weights.bin'), 'x');
  await t.rejects(register('v2'), refused, 'a file that has changed');
  await mkdir(folder('v5'));
  await t.rejects(register('v5'), refused, 'an empty folder');

  t.same(await listArtifacts(db, kind), [], 'nothing of it was entered');
  await write('v2');
  t.match(await register('v2'), { version: 'v2' });
});
