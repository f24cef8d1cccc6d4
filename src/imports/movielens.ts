import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { badInput } from '../errors.ts';
import type { ImportedEvent } from '../events/types.ts';
import { isCleanText } from '../text/index.ts';
import { csvFields } from './csv.ts';
import { eventIdOf } from './event-id.ts';
import { type Outcome, readRows } from './text-rows.ts';
import { genresOf } from './titles.ts';
import type { Source } from './types.ts';

/** A rating of this much is also a `like`. */
const LIKED = 4;
const DAY = 86_400_000;
const ID = /^\d{1,15}$/u;

/**
 * A MovieLens folder: `ratings.dat` and `movies.dat` (`::` between the fields) or the same as `.csv`.
 * A movie is an image with its genres as tags; a rating is a `view`, 4 and more also a `like`, at its own time.
 */
export async function openMovielens({ folder }: { folder: string }): Promise<Source> {
  const ending = await endingOf(folder);
  const fields = ending === 'csv' ? csvFields : (line: string) => line.split('::');
  const dataset = basename(resolve(folder)).slice(0, 100).toWellFormed();
  const movies = join(folder, `movies.${ending}`);
  const ratings = join(folder, `ratings.${ending}`);
  return {
    kind: 'movielens',
    files: [movies, ratings],
    read: () =>
      readRows([
        { path: movies, share: 0.02, parse: (line, number) => parseMovie(fields(line), line, number) },
        {
          path: ratings,
          share: 0.98,
          parse: (line, number) => parseRating(fields(line), line, number, dataset),
        },
      ]),
  };
}

async function endingOf(folder: string): Promise<'dat' | 'csv'> {
  for (const ending of ['dat', 'csv'] as const) {
    const names = [join(folder, `ratings.${ending}`), join(folder, `movies.${ending}`)];
    const found = await Promise.all(names.map((name) => stat(name).then(Boolean, () => false)));
    if (found.every(Boolean)) return ending;
  }
  throw badInput(
    'file-unreadable',
    `${folder} has neither ratings.dat and movies.dat nor ratings.csv and movies.csv.`,
  );
}

function parseMovie(fields: string[] | null, line: string, number: number): Outcome {
  if (fields === null || fields.length !== 3) return { reject: { code: 'movie-invalid', detail: line } };
  const [id, title, genres] = fields as [string, string, string];
  if (number === 1 && id === 'movieId') return null;
  if (!ID.test(id) || !isCleanText(line)) return { reject: { code: 'movie-invalid', detail: line } };
  return { items: [{ kind: 'image', id, title, tags: genresOf(genres) }] };
}

function parseRating(fields: string[] | null, line: string, number: number, dataset: string): Outcome {
  if (fields === null || fields.length !== 4) return { reject: { code: 'rating-invalid', detail: line } };
  const [userId, itemId, rating, seconds] = fields as [string, string, string, string];
  if (number === 1 && userId === 'userId') return null;
  const stars = rating === '' ? Number.NaN : Number(rating);
  const at = ID.test(seconds) ? Number(seconds) * 1000 : Number.NaN;
  if (!ID.test(userId) || !ID.test(itemId) || !(stars >= 0 && stars <= 5))
    return { reject: { code: 'rating-invalid', detail: line } };
  if (!(at <= Date.now() + DAY)) return { reject: { code: 'time-invalid', detail: line } };
  const event = (type: 'view' | 'like'): ImportedEvent => ({
    eventId: eventIdOf(dataset, userId, itemId, type),
    userId,
    itemKind: 'image',
    itemId,
    type,
    occurredAt: new Date(at).toISOString(),
  });
  return { events: stars >= LIKED ? [event('view'), event('like')] : [event('view')] };
}
