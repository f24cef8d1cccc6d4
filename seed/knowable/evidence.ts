import { craftOf, strengthOf } from '../affinity.ts';
import type { PaletteName, Style, Subject } from '../grammar.ts';
import type { Picture } from '../images.ts';
import type { ModelCard } from '../models.ts';
import type { Session } from '../sessions.ts';
import { partOfYear, sessionOf, type World } from '../world.ts';

/** One thing that was looked at, and what came of it. `made`: how well it is made, as affinity counts it. */
export type Seen = {
  at: number;
  id: string;
  kind: 'image' | 'model';
  styles: readonly { style: Style; weight: number }[];
  palette: PaletteName | null;
  subject: Subject | null;
  made: number;
  clicked: boolean;
  liked: boolean;
  disliked: boolean;
};
/** What was looked for: a style, and mostly in which colours. */
export type Sought = { at: number; style: Style; palette: PaletteName | null };
/** What was made by themselves. */
export type Made = { at: number; style: Style; palette: PaletteName; subject: Subject };
export type Evidence = { seen: Seen[]; sought: Sought[]; made: Made[] };

const LIKED: ReadonlySet<string> = new Set(['like', 'heart', 'laugh', 'cry']);

/** Everything that says something of each person's taste, in the order of the year. */
export function evidenceOf(world: World): Map<string, Evidence> {
  const all = new Map<string, Evidence>(
    world.people.map(({ id }) => [id, { seen: [], sought: [], made: [] }]),
  );
  const pictures = new Map(world.pictures.map((picture) => [picture.id, picture]));
  const cards = new Map(world.cards.map((card) => [card.id, card]));
  const open = new Map<string, Seen>();
  for (const { eventId, userId, itemKind, itemId, type, occurredAt } of world.events) {
    const session = sessionOf(eventId);
    if (session === null) continue;
    const name = `${session} ${itemKind} ${itemId}`;
    if (type === 'view') {
      const about = itemKind === 'image' ? pictureSeen(pictures.get(itemId)!) : modelSeen(cards.get(itemId)!);
      const seen = {
        at: partOfYear(Date.parse(occurredAt)),
        id: itemId,
        ...about,
        clicked: false,
        liked: false,
        disliked: false,
      };
      all.get(userId)!.seen.push(seen);
      open.set(name, seen);
    }
    const seen = open.get(name);
    // A like of a picture's model, said beside the picture, was not on the page.
    if (seen === undefined) continue;
    if (type === 'click') seen.clicked = true;
    if (LIKED.has(type)) seen.liked = true;
    if (type === 'hide' || type === 'dislike') seen.disliked = true;
  }
  for (const session of world.sessions) {
    const sought = session.exposure === 'search' && wordsOf(session);
    if (sought) all.get(session.person.id)!.sought.push(sought);
  }
  for (const { creator, recipe, at } of world.pictures) all.get(creator.id)!.made.push({ at, ...recipe });
  return all;
}

const pictureSeen = ({ recipe, craft }: Picture) => ({
  ...{ kind: 'image' as const, styles: [{ style: recipe.style, weight: 1 }], palette: recipe.palette },
  ...{ subject: recipe.subject, made: craftOf(craft) },
});

const modelSeen = ({ styles, palette, strength }: ModelCard) => ({
  ...{ kind: 'model' as const, styles, palette, subject: null, made: strengthOf(strength) },
});

/** What nearly all of a page that was searched for have in common. */
function wordsOf({ page, at }: Session): Sought | null {
  const of = (thing: Session['page'][number]) => {
    const known = thing as Picture | ModelCard;
    return 'recipe' in known
      ? { style: known.recipe.style, palette: known.recipe.palette as PaletteName | null }
      : { style: known.styles[0]!.style, palette: known.palette };
  };
  const mostly = <T>(values: T[]): T | null => {
    const counts = Map.groupBy(values, (value) => value);
    const [value, same] = [...counts].sort((a, b) => b[1].length - a[1].length)[0] ?? [null, []];
    return same.length >= 0.7 * values.length ? (value as T) : null;
  };
  const style = mostly(page.map((thing) => of(thing).style));
  return style && { at, style, palette: mostly(page.map((thing) => of(thing).palette)) };
}

/** Nothing of the page that is asked about. */
export function knownBefore({ seen, sought, made }: Evidence, at: number): Evidence {
  const earlier = <T extends { at: number }>(all: T[]) => all.filter((one) => one.at < at - 1e-9);
  return { seen: earlier(seen), sought: earlier(sought), made: earlier(made) };
}
