import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { writeTensor } from '../../src/models/index.ts';
import { carryChanges, openVectors } from '../../src/vectors/index.ts';
import { openW2w, PLACE_SPACES, placeLoras } from '../../src/w2w/index.ts';
import { w2wWorld } from '../support/w2w-world.ts';

t.setTimeout(120_000);
const world = await w2wWorld(t);
const { db, catalog, events, weights, home, loras } = world;
const vectors = await openVectors(loadConfig({}, { HAMLET_HOME: home }), silentLog);
const carrier = await carryChanges(db, vectors, {
  ...{ spaces: { clip: 64 }, modelSpaces: PLACE_SPACES, log: silentLog, pollMs: 0 },
});
t.teardown(async () => {
  await carrier.stop();
  await vectors.close();
});
const spaces = openW2w(weights);
const parts = { db, home, catalog };
const { rows } = await db.pool.query<{ ref: number; id: string }>('select ref, id from items where kind = 2');
const refOf = new Map(rows.map(({ id, ref }) => [id, ref]));

/** A space whose first coordinate is the style of a LoRA, and whose second is its own. */
async function built(models: string[], method: 'whole' | 'svd' = 'svd') {
  const { id } = await spaces.startSpace({ models, method });
  const { artifact } = await spaces.usableSpace(id);
  const folder = join(home, 'artifacts', artifact);
  const numbers = Float32Array.from(
    models.flatMap((one, n) => [one.startsWith('mosaic') ? 3 : -3, n / models.length]),
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'space.json'), JSON.stringify({ members: models }));
  const data = new Uint8Array(numbers.buffer);
  writeFileSync(
    join(folder, 'space.safetensors'),
    writeTensor('coordinates', { dtype: 'F32', shape: [models.length, 2], data }),
  );
  return { id, artifact, folder };
}

async function near(lora: string): Promise<string[]> {
  await carrier.drain();
  const ref = refOf.get(lora)!;
  const vector = (await vectors.vectors('model', 'w2w', [ref])).get(ref);
  if (vector === undefined) return [];
  const [hits] = await vectors.search('model', [{ space: 'w2w', vector, limit: 8 }]);
  return hits!.map(({ id }) => rows.find((row) => row.ref === id)!.id);
}

t.test('without a space no LoRA has a place', async (t) => {
  t.equal(await placeLoras(parts), null);
  t.same(await near('mosaic-0'), []);
});

t.test('LoRAs are found where they lie in the largest space that is ready', async (t) => {
  const whole = await built(loras, 'whole');
  t.equal(await placeLoras(parts), whole.artifact);
  const all = await built(loras);
  await built(loras, 'whole');
  t.equal(await placeLoras(parts), all.artifact, 'of those that are as large, one of svd');
  const found = await near('mosaic-0');
  t.equal(found.length, 8);
  t.ok(
    found.every((id) => id.startsWith('mosaic')),
    found.join(),
  );
  await built(loras.slice(0, 10));
  t.equal(await placeLoras(parts), all.artifact, 'a smaller one changes nothing');
  t.same(
    (await vectors.search('image', [{ space: 'w2w', vector: new Float32Array(128).fill(1), limit: 1 }]))[0],
    [],
  );
});

t.test('a space that grew stale or lost its files takes its places with it', async (t) => {
  await events.putPreferences('maker-of-engraving-0', { excludeFromTraining: true });
  const small = await placeLoras(parts);
  t.not(small, null, 'the smaller one, which did not have that LoRA, is in force');
  t.same(await near('engraving-1'), [], 'and only its LoRAs have a place');
  rmSync(join(home, 'artifacts', small!, 'space.safetensors'));
  t.equal(await placeLoras(parts), null);
  t.same(await near('mosaic-0'), []);
});
