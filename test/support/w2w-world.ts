import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { Compile } from 'typebox/compile';
import { TRAININGS } from '../../schemas/training.ts';
import { STYLES } from '../../seed/grammar.ts';
import { renderPicture } from '../../seed/index.ts';
import type { Database } from '../../src/db/index.ts';
import { addTraining, type Beside } from '../../src/trainings/store.ts';
import { STYLE_OF, tasteWorld } from './taste-world.ts';

/** As the sidecar's grid has them (w2w/preview.py). */
const [SIDE, GAP, HEAD, COLUMNS, ROWS] = [128, 4, 18, 5, 2];

/**
 * LoRAs that show the styles of the planted people, their files, and a sidecar that does everything at once:
 * `refuse` makes jobs of a kind fail with a code, `held` leaves them running, `begun` counts them.
 */
export async function w2wWorld(t: { teardown(close: () => unknown): void }) {
  const world = await tasteWorld(t);
  const home = await mkdtemp(join(tmpdir(), 'hamlet-w2w-'));
  const begun: { kind: string; spec: Record<string, unknown> }[] = [];
  const refuse = new Map<string, string>();
  const held = new Set<string>();
  const start = async (kind: string, spec: Record<string, unknown>, beside?: Beside) => {
    const [fault] = Compile(TRAININGS[kind]!).Errors(spec);
    if (fault) throw new Error(`${kind} is asked with ${fault.instancePath} ${fault.message}`);
    begun.push({ kind, spec });
    const training = await addTraining(world.db, kind, spec, beside);
    if (!held.has(kind)) await finish(world.db, home, training.id, kind, refuse.get(kind));
    return training;
  };
  const shipped = join(home, 'shipped');
  mkdirSync(join(shipped, 'diffusion/unet'), { recursive: true });
  writeFileSync(join(shipped, 'diffusion/unet/diffusion_pytorch_model.safetensors'), 'a base');
  const loras = await putLoras(world);
  for (const id of loras) writeFileSync(join(shipped, `${id}.safetensors`), `weights of ${id}`);
  const weights = {
    ...{ db: world.db, home },
    trainings: { start },
    shipped: { base: join(shipped, 'diffusion'), lora: (id: string) => join(shipped, `${id}.safetensors`) },
  };
  const readJson = (name: unknown) => JSON.parse(readFileSync(join(home, 'artifacts', String(name)), 'utf8'));
  return { ...world, home, weights, begun, refuse, held, readJson, loras };
}

/** Eight a style, whose showcases look like it: CLIP's vectors of pictures nobody's taste was made of. */
async function putLoras({ catalog, db }: Awaited<ReturnType<typeof tasteWorld>>): Promise<string[]> {
  const { rows } = await db.pool.query<{ ref: number; prompt: string }>(
    `select ref, prompt from items where kind = 1 order by ref`,
  );
  const styles = [...Object.values(STYLE_OF), 'woodcut', 'mosaic', 'engraving'] as const;
  const items = styles.flatMap((style) => {
    const refs = rows.filter(({ prompt }) => prompt.includes(STYLES[style].says)).slice(0, 8);
    return refs.map(({ ref }, n) => ({ ref, id: `${style}-${n}`, style }));
  });
  const vectors = await catalog.vectors(
    'clip',
    items.map(({ ref }) => ref),
  );
  const put = await catalog.put(
    items.map(({ id, style }) => ({
      ...{ kind: 'model' as const, id, title: id, url: `/pictures/${id}.webp`, browsingLevel: 1 },
      ...{ creatorId: `maker-of-${id}`, licence: { derivatives: true }, tags: [style] },
    })),
    { mode: 'unknown' },
  );
  await catalog.storeMeasured(
    'clip',
    'test',
    items.map(({ id, ref }, n) => ({
      ref: put[n]!.ref,
      url: `/pictures/${id}.webp`,
      vector: vectors.get(ref)!,
    })),
  );
  return items.map(({ id }) => id);
}

async function finish(db: Database, home: string, id: string, kind: string, code?: string): Promise<void> {
  const artifact = `${kind}-${id.slice(0, 8)}`;
  const folder = join(home, 'artifacts', artifact);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'manifest.json'), '{}');
  if (kind === 'edit-w2w-lora') {
    writeFileSync(join(folder, 'lora.safetensors'), 'edited weights');
    writeFileSync(join(folder, 'preview.png'), await sheet());
  }
  const error = code === undefined ? null : JSON.stringify({ code, message: 'the sidecar says so' });
  await db.pool.query(
    `update trainings set state = $2, result = $3, error = $4, finished_at = now() where id = $1`,
    [id, error ? 'failed' : 'done', error ? null : { artifact }, error],
  );
}

/** One that a watercolour's friend likes. */
const LIKED = 'lighthouse.watercolour.dawn.centred.paper.7';

/** Grey without the edit, a watercolour with it. */
async function sheet(): Promise<Buffer> {
  const picture = await sharp(Buffer.from(renderPicture(LIKED)!))
    .resize(SIDE, SIDE)
    .png()
    .toBuffer();
  const tiles = Array.from({ length: COLUMNS * ROWS }, async (_, n) => ({
    input: n % COLUMNS === 3 ? picture : await grey(),
    left: GAP + (n % COLUMNS) * (SIDE + GAP),
    top: HEAD + Math.floor(n / COLUMNS) * (SIDE + GAP),
  }));
  const [width, height] = [COLUMNS * (SIDE + GAP) + GAP, ROWS * (SIDE + GAP) + HEAD + GAP];
  return sharp({ create: { width, height, channels: 3, background: 'white' } })
    .composite(await Promise.all(tiles))
    .png()
    .toBuffer();
}

const grey = () =>
  sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: '#777' } })
    .png()
    .toBuffer();
