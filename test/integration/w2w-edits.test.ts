import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { openDpo } from '../../src/dpo/index.ts';
import { openImageLoader } from '../../src/images/index.ts';
import { openJobs } from '../../src/jobs/index.ts';
import { silentLog } from '../../src/log.ts';
import { addArtifact, createClipEncoder, readClipFolder, writeArtifact } from '../../src/models/index.ts';
import { addTraining } from '../../src/trainings/store.ts';
import { openW2w, openW2wEdits } from '../../src/w2w/index.ts';
import { madeWith } from '../../src/w2w/looks.ts';
import { event } from '../support/events.ts';
import { w2wWorld } from '../support/w2w-world.ts';

t.setTimeout(120_000);
const world = await w2wWorld(t);
const { db, home, events, catalog, weights, begun, refuse, held, readJson, loras, tastes } = world;
const CLIP = resolve(import.meta.dirname, '../../weights/clip');
const encoder = createClipEncoder(await readClipFolder(CLIP));
const images = openImageLoader({ trustedHosts: new Set(), renderPicture: () => null });
const jobs = await openJobs(db, silentLog);
const spaces = openW2w(weights);
const edits = await openW2wEdits({
  ...{ ...weights, jobs, catalog, events, tastes, encoder, images, vlm: null, log: silentLog, pollMs: 10 },
});
t.teardown(async () => {
  edits.stop();
  await jobs.stop();
  await encoder.close();
  images.close();
});
const { id: space } = await spaces.startSpace({ models: loras });
const lastOf = (kind: string) => begun.findLast((job) => job.kind === kind)!.spec;

async function over(id: string) {
  for (let tries = 0; tries < 600; tries++) {
    const found = await edits.getPersonalization(id);
    if (found.state !== 'queued' && found.state !== 'running') return found;
    await sleep(50);
  }
  throw new Error('a personalization did not end');
}

t.test('a direction is learned from a tag, a text or labels of one’s own', async (t) => {
  const byTag = await edits.startDirection({ space, name: 'mosaic', labels: { tag: 'mosaic' } });
  t.match(await edits.getDirection(byTag.id), {
    state: 'ready',
    name: 'mosaic',
    labelledBy: { tag: 'mosaic' },
  });
  const labels = readJson(lastOf('learn-w2w-direction').labels) as Record<string, boolean>;
  t.equal(Object.keys(labels).length, loras.length);
  t.ok(Object.entries(labels).every(([id, has]) => has === id.startsWith('mosaic')));

  await edits.startDirection({ space, name: 'seen', labels: { text: 'bold woodcut' } });
  const seen = readJson(lastOf('learn-w2w-direction').labels) as Record<string, boolean>;
  const positives = Object.keys(seen).filter((id) => seen[id]);
  t.ok(positives.filter((id) => id.startsWith('woodcut')).length >= positives.length / 2, positives.join());
  t.ok((lastOf('learn-w2w-direction').others as string[]).length >= 1, 'it is compared with the earlier one');
  await t.rejects(edits.startDirection({ space, name: 'all', labels: { loras: { 'mosaic-0': true } } }), {
    code: 'labels-one-class',
  });
});

t.test(
  'pictures made with a LoRA say what it does, if anybody may see them and their makers be learned from',
  async (t) => {
    const by = { kind: 'image' as const, modelIds: ['mosaic-0'], browsingLevel: 1 };
    const [lora] = (await db.pool.query<{ ref: number }>(`select ref from items where id = 'mosaic-0'`)).rows;
    await events.putUser('shy', {});
    await events.putPreferences('shy', { excludeFromTraining: true });
    const [open] = await catalog.put(
      [
        { ...by, id: 'made-open', creatorId: 'bold' },
        { ...by, id: 'made-by-shy', creatorId: 'shy' },
        { ...by, id: 'made-mature', browsingLevel: 4 },
        { ...by, id: 'made-in-private', availability: 'private' },
        { ...by, id: 'made-of-a-minor', minor: true },
        { ...by, id: 'made-with-another', modelIds: ['mosaic-1'] },
      ],
      { mode: 'unknown' },
    );
    t.same(await madeWith(db, [lora!.ref]), [{ model: lora!.ref, picture: open!.ref }]);
  },
);

t.test('an edit takes what may be used, and its files are there', async (t) => {
  const [direction] = await edits.listDirections();
  const wish = { space, base: 'mosaic-1', directions: [{ id: direction!.id, alpha: 1.5 }] };
  const edit = await edits.startEdit({ ...wish, towards: { lora: 'woodcut-0', share: 0.2 } });
  t.match(lastOf('edit-w2w-lora'), {
    ...{ base: { lora: 'mosaic-1', file: /^loras\// }, towards: { lora: 'woodcut-0', share: 0.2 } },
    directions: [{ artifact: direction!.artifact, alpha: 1.5 }],
  });
  const { stream, bytes } = await edits.editFile(edit.id, 'lora');
  t.equal((await buffer(stream)).length, bytes);
  await t.rejects(edits.editFile('nonsense', 'lora'), { code: 'edit-unknown' });
  await t.rejects(edits.startEdit({ space, base: 'mean', directions: [] }), { code: 'edit-empty' });
  await t.rejects(edits.startEdit({ ...wish, base: 'nobody' }), { code: 'lora-unknown' });
  await t.rejects(edits.startEdit({ ...wish, directions: [{ id: 'none', alpha: 1 }] }), {
    code: 'direction-unknown',
  });
});

t.test('an aligned adapter in force is what an edit may start from, and one taken back is not', async (t) => {
  const about = { kind: 'dpo-adapter', version: 'aligned', contract: 'hamlet-dpo-adapter/1', parameters: {} };
  await writeArtifact(
    join(home, 'artifacts/dpo-adapter-aligned'),
    { ...about, dataset: { digest: 'd', source: 'user', pairs: 40 } },
    { 'adapter.safetensors': Buffer.from('aligned weights') },
  );
  await addArtifact(db, home, 'dpo-adapter-aligned');
  const dpo = openDpo({ db, home, images, catalog, clip: CLIP });
  const { item } = await dpo.publish('aligned');
  const [direction] = await edits.listDirections();
  const wish = { space, base: item!, directions: [{ id: direction!.id, alpha: 1 }] };
  await edits.startEdit(wish);
  const { lora, file } = lastOf('edit-w2w-lora').base as { lora: string; file: string };
  t.equal(lora, item);
  t.equal(await readFile(join(home, 'artifacts', file), 'utf8'), 'aligned weights');
  await dpo.rollback();
  await t.rejects(edits.startEdit(wish), { code: 'lora-refused' });
});

t.test('a direction that was refused or is of another space makes no edit', async (t) => {
  refuse.set('learn-w2w-direction', 'direction-not-found');
  const refused = await edits.startDirection({ space, name: 'nothing', labels: { tag: 'mosaic' } });
  refuse.clear();
  t.match(await edits.getDirection(refused.id), { state: 'failed', error: { code: 'direction-not-found' } });
  const wish = { base: 'mean', directions: [{ id: refused.id, alpha: 1 }] };
  await t.rejects(edits.startEdit({ ...wish, space }), { code: 'direction-not-ready' });
  const other = await spaces.startSpace({ models: loras });
  await t.rejects(edits.startEdit({ ...wish, space: other.id }), { code: 'direction-of-another-space' });
});

t.test('a person’s liked pictures become an edited LoRA, with each step told', async (t) => {
  const { id } = await edits.startPersonalization('ada', space);
  const done = await over(id);
  t.match(done, { state: 'done', progress: 1, error: null, userId: 'ada' });
  const { taste, labels, edits: made, verdict } = done.steps;
  t.equal(taste!.fallback, null);
  t.ok(taste!.preferences[0]!.text.includes('watercolour'), taste!.preferences[0]!.text);
  const { positives } = labels!.p1!;
  t.ok(
    positives.filter((lora) => lora.startsWith('watercolour')).length >= positives.length / 2,
    positives.join(),
  );
  t.match(made!.p1, { alpha: 2, error: null });
  t.match(verdict!.p1, { pairs: 2, clip: 2, attributes: 2, vlm: null });
  t.match((await edits.getEdit(made!.p1!.edit)).wish, { base: 'mean', preview: { prompts: /./ } });
});

t.test('one that was stopped goes on after the step it had reached', async (t) => {
  const { id } = await edits.startPersonalization('ben', space);
  const whole = await over(id);
  const { verdict: _, ...before } = whole.steps;
  await db.pool.query(
    `update w2w_personalizations set state = 'queued', steps = $2, finished_at = null where id = $1`,
    [id, JSON.stringify(before)],
  );
  const count = begun.length;
  await jobs.send('w2w-personalization', { id });
  t.match(await over(id), { state: 'done', steps: whole.steps });
  t.equal(begun.length, count, 'nothing that was there is made again');

  const { taste, labels } = whole.steps;
  await db.pool.query(
    `update w2w_personalizations set state = 'running', steps = $2, finished_at = null where id = $1`,
    [id, JSON.stringify({ taste, labels })],
  );
  await jobs.send('w2w-personalization', { id });
  t.match(await over(id), { state: 'done', steps: whole.steps });
  t.equal(begun.length, count, 'nor what was begun within a step that nobody kept');
});

t.test('one that is cancelled in the middle of a job asks the job to end, and goes no further', async (t) => {
  held.add('learn-w2w-direction');
  t.teardown(() => held.clear());
  const other = await addTraining(db, 'learn-w2w-direction', {}, (client, id) =>
    client.query(
      `insert into w2w_directions (id, space_id, name, labelled_by, user_ref)
       select $1, $2, 'another', '{}', ref from users where id = 'ben'`,
      [id, space],
    ),
  );
  const { id } = await edits.startPersonalization('ben', space);
  const running = () => begun.filter(({ kind }) => kind === 'learn-w2w-direction').length;
  for (const before = running(); running() === before; ) await sleep(20);
  const count = begun.length;
  t.match(await edits.cancelPersonalization(id), { state: 'cancelled', progress: 0.4 });
  const asked = await db.pool.query<{ id: string }>(
    `select id from trainings where cancel_requested and state in ('queued', 'running')`,
  );
  t.equal(asked.rows.length, 1, 'the job that was under way, none that was over and none of another');
  t.not(asked.rows[0]!.id, other.id);
  await db.pool.query(`update trainings set state = 'cancelled', finished_at = now() where id = $1`, [
    asked.rows[0]!.id,
  ]);
  await sleep(200);
  t.match(await edits.getPersonalization(id), { state: 'cancelled', error: null });
  t.equal(begun.length, count, 'no edit is begun after it');
  const [newest] = await edits.listPersonalizations();
  t.match(newest, { id, userId: 'ben', state: 'cancelled', progress: 0.4 });
  t.same(newest!.steps.labels, {}, 'a list does not say which LoRAs were labelled');
});

t.test('three liked pictures are one taste, and the step says so; none is an error', async (t) => {
  const { rows } = await db.pool.query<{ id: string }>(
    `select id from items where kind = 1 and prompt like '%mosaic%' order by ref limit 3`,
  );
  await events.ingest(rows.map(({ id }) => event('dora', id)));
  const few = await over((await edits.startPersonalization('dora', space)).id);
  t.match(few.steps.taste, { fallback: '3 liked pictures: all of them are one taste' });
  t.equal(few.steps.taste!.preferences.length, 1);
  await events.putUser('empty', {});
  const none = await over((await edits.startPersonalization('empty', space)).id);
  t.match(none, { state: 'failed', error: { code: 'taste-unknown' } });
  await t.rejects(edits.startPersonalization('nobody', space), { code: 'user-unknown' });
});

t.test('tastes that no direction tells are an error that names the steps', async (t) => {
  refuse.set('learn-w2w-direction', 'direction-not-found');
  const lost = await over((await edits.startPersonalization('cleo', space)).id);
  refuse.clear();
  t.match(lost, { state: 'failed', error: { code: 'direction-not-found' } });
  t.match(lost.steps.directions!.p1, { error: 'direction-not-found' });
});

t.test('who opts out contributes to nothing: refused, and what was made is stale', async (t) => {
  const done = await over((await edits.startPersonalization('ada', space)).id);
  const edit = done.steps.edits!.p1!.edit;
  await events.putPreferences('ada', { excludeFromTraining: true });
  await t.rejects(edits.startPersonalization('ada', space), { code: 'user-opted-out' });
  t.equal((await edits.getPersonalization(done.id)).state, 'stale');
  await t.rejects(edits.editFile(edit, 'lora'), { code: 'edit-stale' });
  const direction = done.steps.directions!.p1!.direction;
  await t.rejects(edits.startEdit({ space, base: 'mean', directions: [{ id: direction, alpha: 1 }] }), {
    code: 'direction-stale',
  });
  await events.eraseUser('ada');
  await t.rejects(edits.getPersonalization(done.id), { code: 'personalization-unknown' });
  const { rows: tables } = await db.pool.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = current_schema()`,
  );
  t.ok(tables.length > 20);
  for (const { name } of tables) {
    const { rows } = await db.pool.query(`select r::text from ${name} r where r::text ~ '\\mada\\M' limit 1`);
    t.same(rows, [], `after an erasure nothing in ${name} names the person`);
  }
});

t.test('a LoRA that loses its rights makes its space and all that came of it stale', async (t) => {
  const [edit] = await edits.listEdits();
  const [direction] = await edits.listDirections();
  await events.putPreferences('maker-of-engraving-0', { excludeFromTraining: true });
  const wish = { space, base: 'mean', directions: [{ id: direction!.id, alpha: 1 }] };
  await t.rejects(edits.startEdit(wish), { code: 'space-stale' });
  t.equal((await edits.getEdit(edit!.id)).state, 'stale');
  await t.rejects(edits.startEdit({ ...wish, base: 'engraving-0' }), { code: 'space-stale' });
});
