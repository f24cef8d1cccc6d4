import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { recipeOf } from '../../../seed/grammar.ts';
import { renderTrainingSet, SEED_RANGES } from '../../../seed/training-set/index.ts';
import { planTrainingSet } from '../../../seed/training-set/plan.ts';
import { makeWorld } from '../../../seed/world.ts';

const withoutSeed = (id: string) => id.replace(/\.\d+$/u, '');

t.test('training and held-out pictures share neither recipe nor number', async (t) => {
  const train = planTrainingSet(20_000, 'train', 1);
  const heldout = planTrainingSet(2_000, 'heldout', 1);
  const recipes = new Set(train.map(({ id }) => withoutSeed(id)));
  t.notOk(heldout.some(({ id }) => recipes.has(withoutSeed(id))));
  t.equal(new Set(heldout.map(({ id }) => withoutSeed(id))).size, 2_000, 'no recipe twice');
  const seeds = new Set(train.map(({ seed }) => seed));
  t.notOk(heldout.some(({ seed }) => seeds.has(seed)));
});

t.test('no picture of the world has a number that training or measuring uses', async (t) => {
  const [, last] = SEED_RANGES.world;
  const { pictures } = makeWorld({ images: 500, models: 20, users: 40, events: 10, seed: 3 });
  t.ok(pictures.every(({ recipe }) => recipe.seed <= last));
});

t.test('rendering again gives the same bytes, in the order of the list', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'renders-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const render = () =>
    renderTrainingSet({ count: 36, size: 16, seed: 1, split: 'heldout', folder }, () => {});
  const first = await render();
  const pixels = await readFile(join(folder, 'pixels.u8'));
  t.equal(pixels.length, 36 * 16 * 16 * 3);
  t.equal((await render()).sha256, first.sha256);
  const lines = (await readFile(join(folder, 'pictures.jsonl'), 'utf8')).trim().split('\n');
  for (const line of lines) {
    const { id, style, prompt, tags } = JSON.parse(line);
    t.equal(recipeOf(id)!.style, style);
    t.ok(prompt.length > 20 && tags.length >= 3);
  }
  const { count, grammar } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  t.equal(count, 36);
  t.equal(Object.keys(grammar.style).length, 16);
});
