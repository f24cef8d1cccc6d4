import type { Catalog } from '../catalog/index.ts';
import { servable } from '../catalog/index.ts';
import { type ItemRef, KIND_CODE, LEVEL } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import type { UserState } from '../events/types.ts';
import type { History, Looked } from './describe.ts';

/** From here on a person liked something rather than looked at it. */
const LIKED = 0.7;
/** Newest liked pictures that are looked at, and what was passed by. */
const LIKES = 100;
const PASSED = 150;
const LISTS = 10;
/** A hide says more than walking past. */
const HIDDEN_WEIGHT = 3;

/** Liked pictures that anybody may be shown, because what is said of them is told to whoever asks; oldest first. */
export const likedPictures = (user: UserState, { columns }: Pick<Catalog, 'columns'>): ItemRef[] =>
  user.recent
    .filter(({ item, strength }) => strength >= LIKED && isOpenPicture(item, columns))
    .slice(-LIKES)
    .map(({ item }) => item);

const isOpenPicture = (item: ItemRef, { kind, level }: Catalog['columns']) =>
  kind[item] === KIND_CODE.image && servable(level[item] ?? 0, LEVEL.PG);

/** What a description is made from, by vectors of space `clip`. */
export async function readHistory(
  db: Database,
  catalog: Pick<Catalog, 'columns' | 'vectors'>,
  user: UserState,
): Promise<History> {
  const liked = likedPictures(user, catalog);
  const hidden = user.disliked.slice(-PASSED);
  const looked = user.recent.filter(({ strength }) => strength < LIKED).map(({ item }) => item);
  const shown = (await shownTo(db, user.id)).filter((item) => !user.seen.has(item));
  const passed = [...new Set([...looked, ...shown])].slice(-PASSED);
  const open = (items: ItemRef[]) => items.filter((item) => isOpenPicture(item, catalog.columns));
  const vectors = await catalog.vectors('clip', [...liked, ...open(hidden), ...open(passed)]);
  const seen = (items: ItemRef[], weight: number): Looked[] =>
    items.flatMap((item) => {
      const vector = vectors.get(item);
      return vector === undefined ? [] : [{ item, vector, weight }];
    });
  return { liked: seen(liked, 1), passed: [...seen(passed, 1), ...seen(hidden, HIDDEN_WEIGHT)] };
}

/** First pages of the person's last lists of pictures. */
async function shownTo(db: Database, userId: string): Promise<ItemRef[]> {
  const rows = await query<{ items: ItemRef[] }>(
    db,
    `select items[1:served] as items from recommendations
     where user_id = $1 and kind = ${KIND_CODE.image} order by created_at desc limit ${LISTS}`,
    [userId],
  );
  return rows.flatMap(({ items }) => items);
}
