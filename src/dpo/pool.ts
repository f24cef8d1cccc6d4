import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LEVEL } from '../catalog/types.ts';
import { type Database, translateDatabaseError, writeTable } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { ImageLoader, Shape } from '../images/index.ts';
import { digestOfFiles, writeArtifact, writeTensor } from '../models/index.ts';
import { LEFT_OUT, SHOWINGS } from './showings.ts';

export type PoolParts = { db: Database; images: Pick<ImageLoader, 'load'>; home: string };
type Row = { item: number; id: string; url: string; prompt: string; level: number };

const LOADERS = 4;
/** Pixels of one pool; the newest pictures come first. */
const LARGEST = 1 << 30;
const CHANNELS = 3;

/**
 * Everything that pairs are made of, as one folder under the artifacts that its digest names: pictures as squares
 * of pixels, their prompts, and who was shown which.
 * @param person number of the one whose pairs they are to be: only what they were shown is drawn
 * @returns name of the folder, and the digest
 */
export async function writePool(
  { db, images, home }: PoolParts,
  side: number,
  between: (part?: number) => Promise<void>,
  person: number | null = null,
): Promise<{ folder: string; digest: string }> {
  const { rows, leftOut, showings } = await readLog(db, home, between, person);
  const harmless = rows.filter(({ level }) => level === LEVEL.PG);
  const most = Math.floor(LARGEST / (side * side * CHANNELS));
  const shape = squareOf(side);
  const seen: { row: Row; pixels: Uint8Array }[] = [];
  const waiting = harmless.slice(0, most);
  const wanted = waiting.length;
  let broken = 0;
  const loadSome = async () => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      try {
        seen.push({ row, pixels: (await images.load(row.url, shape)).data });
      } catch (error) {
        if (!(error instanceof HamletError)) throw error;
        broken++;
      }
      await between(1 - waiting.length / wanted);
    }
  };
  await Promise.all(Array.from({ length: LOADERS }, loadSome));
  if (seen.length === 0)
    throw new HamletError('no-pictures', 422, `none of ${wanted} pictures with a prompt can be read`);
  seen.sort((a, b) => a.row.item - b.row.item);
  const pictures = seen.map(({ row: { item, id, prompt } }) => ({ item, id, prompt }));
  const counts = { ...leftOut, unsafe: rows.length - harmless.length, broken };
  const pixels = writeTensor('pixels', {
    ...{ dtype: 'U8', shape: [seen.length, side, side, CHANNELS] },
    data: Buffer.concat(seen.map((one) => one.pixels)),
  });
  const files = {
    'pool.json': Buffer.from(JSON.stringify({ pictures, leftOut: counts })),
    'pixels.safetensors': pixels,
    'showings.parquet': showings,
  };
  const digest = digestOf(files);
  const folder = `dpo-pool-${digest.slice(0, 32)}`;
  await writeArtifact(
    join(home, 'artifacts', folder),
    {
      ...{ kind: 'dpo-pool', version: digest.slice(0, 32), contract: 'hamlet-dpo-pool/1' },
      ...{ dataset: { digest }, parameters: { side } },
    },
    files,
  );
  return { folder, digest };
}

/** Those with a prompt; of one person's pool those that the person was shown. */
const PICTURES = `with shown as (
    select item_ref from events where user_ref = $1
    union select unnest(r.items[1:r.served]) from recommendations r join users u on u.id = r.user_id
    where u.ref = $1)
  select ref as item, id, url, prompt, effective_level as level from items
  where kind = 1 and status = 1 and url <> '' and prompt <> ''
    and ($1::int is null or ref in (select item_ref from shown))
  order by created_at desc nulls last, ref`;

/** Pictures, and the log, as of one moment. */
async function readLog(db: Database, home: string, between: () => Promise<void>, person: number | null) {
  const scratch = join(home, 'artifacts', `dpo-pool-${randomUUID()}.partial`);
  await mkdir(scratch, { recursive: true });
  const client = await db.pool.connect().catch((error: unknown) => {
    throw translateDatabaseError(error);
  });
  try {
    await client.query('begin isolation level repeatable read read only; set local statement_timeout = 0');
    const { rows } = await client.query<Row>(PICTURES, [person]);
    const [left] = (await client.query<{ events: number }>(LEFT_OUT)).rows;
    await writeTable(client, SHOWINGS, join(scratch, 'showings.parquet'), between);
    await client.query('commit');
    const showings = await readFile(join(scratch, 'showings.parquet'));
    client.release();
    return { rows, leftOut: { optedOut: left!.events }, showings };
  } catch (error) {
    client.release(error as Error);
    throw translateDatabaseError(error);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The middle of a picture, as training a Stable Diffusion cuts it. */
const squareOf = (side: number): Shape => ({
  cut: (image) => image.resize(side, side, { fit: 'cover' }),
  enough: side,
});

const digestOf = (files: Record<string, Uint8Array>) =>
  digestOfFiles(
    Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [
        name,
        { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length },
      ]),
    ),
  );
