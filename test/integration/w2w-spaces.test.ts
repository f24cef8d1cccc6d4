import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ItemInput } from '../../src/catalog/types.ts';
import { addTraining } from '../../src/trainings/store.ts';
import { addLoraFile, openW2w } from '../../src/w2w/index.ts';
import { testDatabase } from '../support/database.ts';
import { openReplica } from '../support/events.ts';

const db = await testDatabase(t);
const { catalog, events } = await openReplica(t, db);

const model = (id: string, about: Partial<ItemInput> = {}): ItemInput => ({
  ...{ kind: 'model', id, title: id, browsingLevel: 1, creatorId: `creator-of-${id}` },
  ...{ licence: { derivatives: true }, ...about },
});

/** A home whose models `names` have files that ship, and trainings that nobody carries out. */
async function world(t: Test, models: ItemInput[]) {
  const home = t.testdir({ shipped: { diffusion: { unet: {} } } });
  const shipped = join(home, 'shipped');
  writeFileSync(join(shipped, 'diffusion/unet/diffusion_pytorch_model.safetensors'), 'weights of a base');
  for (const { id } of models) writeFileSync(join(shipped, `${id}.safetensors`), `weights of ${id}`);
  t.same(
    (await catalog.put(models, { mode: 'unknown' })).filter(({ status }) => status === 'rejected'),
    [],
  );
  const w2w = openW2w({
    ...{ db, home },
    trainings: { start: (kind, spec, beside) => addTraining(db, kind, spec, beside) },
    shipped: {
      base: join(shipped, 'diffusion'),
      lora: (id) => {
        const path = join(shipped, `${id}.safetensors`);
        return existsSync(path) ? path : null;
      },
    },
  });
  const membersOf = (spec: Record<string, unknown>): { id: string; file: string; lineage: string }[] =>
    JSON.parse(readFileSync(join(home, 'artifacts', String(spec.members)), 'utf8'));
  /** What the sidecar would leave behind. */
  const finish = async (id: string) => {
    const artifact = `w2w-space-${id.slice(0, 8)}`;
    mkdirSync(join(home, 'artifacts', artifact), { recursive: true });
    writeFileSync(join(home, 'artifacts', artifact, 'manifest.json'), '{}');
    await db.pool.query(
      `update trainings set state = 'done', finished_at = now(), result = $2 where id = $1`,
      [id, { artifact, members: 4, heldoutError: { 1: 0.5 } }],
    );
  };
  return { w2w, home, membersOf, finish, ids: models.map(({ id }) => id) };
}

const some = (prefix: string, count = 4) => Array.from({ length: count }, (_, n) => model(`${prefix}-${n}`));

t.test('a space takes the files that may be in one, and says why others are not', async (t) => {
  await events.putUser('not-me', { preferences: { excludeFromTraining: true } });
  const { w2w, home, membersOf, ids } = await world(t, [
    ...some('free', 3),
    model('version-2', { attributes: { modelId: 'series-1' } }),
    model('closed', { licence: { derivatives: false } }),
    model('unlicensed', { licence: undefined }),
    model('person', { poi: true }),
    model('child', { minor: true }),
    model('adult', { browsingLevel: 8 }),
    model('unrated', { browsingLevel: undefined }),
    model('withdrawn', { availability: 'private' }),
    model('mine', { creatorId: 'not-me' }),
  ]);
  const space = await w2w.startSpace({ method: 'attn_v', models: ids });
  t.match(space, { state: 'queued', members: 4, artifact: null, stale: null });
  t.same(space.leftOut, {
    ...{ 'no-derivatives': 2, 'real-person': 1, minor: 1, unsafe: 2, private: 1, 'opted-out': 1 },
  });
  const members = membersOf(space.spec);
  t.same(
    members.map(({ id, lineage }) => [id, lineage]),
    [
      ['free-0', 'free-0'],
      ['free-1', 'free-1'],
      ['free-2', 'free-2'],
      ['version-2', 'series-1'],
    ],
    'versions of one model are of one lineage',
  );
  t.equal(readFileSync(join(home, 'artifacts', members[0]!.file), 'utf8'), 'weights of free-0');
  t.ok(
    existsSync(join(home, 'artifacts', String(space.spec.base), 'unet')),
    'the base model is where sidecars see it',
  );
  t.match(await w2w.listSpaces(), [{ id: space.id }]);
});

for (const [what, lose] of [
  ['no-derivatives', (id: string) => catalog.put([model(id, { licence: {} })], { mode: 'unknown' })],
  ['minor', (id: string) => catalog.put([model(id, { minor: true })], { mode: 'unknown' })],
  ['deleted', (id: string) => catalog.remove('model', id)],
  ['opted-out', (id: string) => events.putPreferences(`creator-of-${id}`, { excludeFromTraining: true })],
] as const)
  t.test(`a space is stale once a LoRA in it is ${what}, and stays so`, async (t) => {
    const { w2w, finish, ids } = await world(t, some(`stale-${what}`));
    const { id } = await w2w.startSpace({ models: ids });
    await finish(id);
    t.match(await w2w.usableSpace(id), { state: 'ready', figures: { heldoutError: { 1: 0.5 } } });
    await lose(ids[1]!);
    await t.rejects(w2w.usableSpace(id), {
      code: 'space-stale',
      status: 409,
      message: new RegExp(`1 ${what}`),
    });
    await catalog.put([model(ids[1]!, { title: 'back' })], { mode: 'unknown' });
    await events.putPreferences(`creator-of-${ids[1]}`, {});
    t.match(await w2w.getSpace(id), { state: 'stale', stale: { because: { [what]: 1 } } });
    const again = await w2w.startSpace({ models: ids });
    await finish(again.id);
    t.equal((await w2w.usableSpace(again.id)).state, 'ready', 'built again it is usable');
  });

t.test('a space that is not built, or whose files are gone, makes no edits', async (t) => {
  const { w2w, home, finish, ids } = await world(t, some('unbuilt'));
  const { id } = await w2w.startSpace({ models: ids });
  await t.rejects(w2w.usableSpace(id), { code: 'space-not-ready', status: 409 });
  await finish(id);
  const { artifact } = await w2w.usableSpace(id);
  t.ok(artifact);
  const other = openW2w({
    ...{ db, home: join(home, 'elsewhere') },
    trainings: { start: (kind, spec, beside) => addTraining(db, kind, spec, beside) },
    shipped: { base: '', lora: () => null },
  });
  await t.rejects(other.usableSpace(id), { code: 'space-files-gone', status: 422 });
  await t.rejects(w2w.getSpace('nonsense'), { code: 'space-unknown', status: 404 });
});

t.test('too few LoRAs, ones without a file and a base that is not there are refused by name', async (t) => {
  const { w2w, home, ids } = await world(t, [...some('few', 2), model('shut', { licence: {} })]);
  await t.rejects(w2w.startSpace({ models: ids }), {
    ...{ code: 'w2w-too-few', status: 422, message: /there are 2.*1 no-derivatives/ },
  });
  await t.rejects(w2w.startSpace({ models: [...ids, 'nobody'] }), {
    code: 'models-unknown',
    pointer: '/models',
  });
  await t.rejects(addLoraFile(db, home, 'nobody', join(home, 'shipped/few-0.safetensors')), {
    code: 'item-unknown',
  });
  await t.rejects(addLoraFile(db, home, 'few-0', join(home, 'none.safetensors')), { code: 'lora-missing' });
});

t.test('the config that peft keeps beside its weights goes with them', async (t) => {
  const { home } = await world(t, some('peft', 1));
  const place = (name: string, alpha: number) => {
    mkdirSync(join(home, name));
    writeFileSync(join(home, name, 'adapter_model.safetensors'), 'the same weights');
    writeFileSync(join(home, name, 'adapter_config.json'), JSON.stringify({ lora_alpha: alpha }));
    return join(home, name, 'adapter_model.safetensors');
  };
  const first = await addLoraFile(db, home, 'peft-0', place('one', 1));
  const second = await addLoraFile(db, home, 'peft-0', place('two', 2));
  t.not(first.file, second.file, 'another alpha is another LoRA');
  const config = readFileSync(join(home, 'artifacts', second.file, '../adapter_config.json'), 'utf8');
  t.same(JSON.parse(config), { lora_alpha: 2 });
});
