import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** MovieLens-1M as a file of sequences, with titles where they are there too. */
export type Ml1m = { file: string; importArguments: string[] };

const FOLDER = resolve(process.env.BENCH_DATA ?? '../shared/data', 'sequences');

/** Where the data set lies; null, with a word on where to get it, where it is absent. It may not be passed on. */
export function ml1m(): Ml1m | null {
  const file = join(FOLDER, 'ml-1m.txt');
  if (!existsSync(file)) {
    console.log(
      `skipped: ${file} is not there. It is data/ml-1m.txt of github.com/kang205/SASRec (MovieLens-1M, ` +
        'grouplens.org/datasets/movielens/1m, as `user item` lines); BENCH_DATA names the folder above `sequences`.',
    );
    return null;
  }
  const titles = join(FOLDER, 'ml-1m-movies.dat');
  const map = join(FOLDER, 'ml-1m-item-to-movie.txt');
  const named = existsSync(titles) && existsSync(map) ? ['--titles', titles, '--map', map] : [];
  return { file, importArguments: ['import', 'sequences', file, ...named] };
}
