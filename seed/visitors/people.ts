import { makePictures, type Picture } from '../images.ts';
import { makeModels } from '../models.ts';
import { makePeople, type Person } from '../people.ts';
import type { WorldSize } from '../sizes.ts';

/** One lot of people has at most so many names. */
const A_LOT = 720;

/** The pictures of a world by id, without living its year. */
export function picturesOf(size: WorldSize): Map<string, Picture> {
  const people = makePeople(size.users, size.seed);
  const cards = makeModels(size.models, people, size.seed);
  return new Map(makePictures(size.images, people, cards, size.seed).map((picture) => [picture.id, picture]));
}

/** The world's own people, who have a history, then as many newcomers as are wanted. */
export function visitorsOf(size: WorldSize, count: number, seed: number): Person[] {
  const visitors = makePeople(size.users, size.seed).slice(0, count);
  for (let lot = 1; visitors.length < count; lot++) {
    const newcomers = makePeople(Math.min(A_LOT, count - visitors.length), size.seed + 7919 * lot);
    visitors.push(...newcomers.map((person, n) => ({ ...person, id: `visitor-${seed}-${lot}-${n + 1}` })));
  }
  return visitors;
}
