import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { parquetWriteFile } from 'hyparquet-writer';
import { seededRandom } from '../src/recommend/random.ts';
import { runHamlet } from '../test/support/api-process.ts';
import { writeResults } from './machine.ts';
import { ml1m } from './ml-1m-data.ts';

/**
 * Time and peak memory of `hamlet import`, each into an empty database of its own: ML-1M's 999,611 events, a
 * file of the same kind three times as long (memory must not follow), and a table of images as parquet.
 *   node bench/imports.ts
 */
const PEOPLE = 12_000;
const EVENTS_EACH = 250;
const ITEMS = 3416;
const IMAGE_ROWS = 100_000;

type Figures = { rows: number; seconds: number; rowsPerSecond: number; peakMB: number; aboveEmptyMB: number };

export async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hamlet-imports-'));
  try {
    const { peakMB: emptyMB } = await runHamlet(join(folder, 'empty'), ['sweep']);
    const measure = async (name: string, rows: number, args: string[]): Promise<Figures> => {
      const { seconds, peakMB } = await runHamlet(join(folder, name), args);
      await rm(join(folder, name), { recursive: true, force: true });
      const figures = {
        rows,
        rowsPerSecond: Math.round(rows / seconds),
        peakMB,
        aboveEmptyMB: peakMB - emptyMB,
      };
      console.log(
        `${name.padEnd(18)} ${rows} rows in ${seconds.toFixed(1)} s, peak ${peakMB} MB (empty ${emptyMB})`,
      );
      return { seconds: Math.round(seconds * 10) / 10, ...figures };
    };
    const data = ml1m();
    const real = data && (await measure('ml-1m', 999_611, data.importArguments));
    const long = await writeSequences(join(folder, 'long.txt'));
    const thrice = await measure('three-times', PEOPLE * EVENTS_EACH, ['import', 'sequences', long]);
    const table = writeImages(join(folder, 'images.parquet'));
    const images = await measure('imagegem-images', IMAGE_ROWS, ['import', 'imagegem', '--images', table]);
    await writeResults('imports', { emptyMB, ml1m: real, threeTimes: thrice, imagegemImages: images });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeSequences(path: string): Promise<string> {
  const random = seededRandom(1);
  const out = createWriteStream(path);
  for (let person = 1; person <= PEOPLE; person++) {
    const items = Array.from({ length: EVENTS_EACH }, () => 1 + Math.floor(ITEMS * random.next()));
    out.write(items.map((item) => `${person} ${item}\n`).join(''));
  }
  await finished(out.end());
  return path;
}

/** Rows as wide as ImageGem's where it counts: a prompt, a negative prompt, a url. */
function writeImages(path: string): string {
  const column = <T>(make: (n: number) => T) => Array.from({ length: IMAGE_ROWS }, (_, n) => make(n));
  parquetWriteFile({
    filename: path,
    columnData: [
      { name: 'imageId', data: column((n) => n) },
      { name: 'modelVersionId', data: column((n) => n % 5000) },
      { name: 'userHash', data: column((n) => `user-${n % 2000}`) },
      { name: 'createdAt', data: column((n) => new Date(1.7e12 + n * 1000)) },
      { name: 'browsingLevel', data: column((n) => 2 ** (n % 4)) },
      { name: 'url', data: column((n) => `https://images.example.org/${n}.jpeg`) },
      {
        name: 'prompt',
        data: column((n) => `${'castle at dusk, ink wash, soft light, '.repeat(8)} seed ${n}`),
      },
      { name: 'negativePrompt', data: column((n) => `${'blurry, '.repeat(20)}${n}`) },
      { name: 'likeCount', data: column((n) => n % 100) },
    ],
  });
  return path;
}

if (import.meta.main) await main();
