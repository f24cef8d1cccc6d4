import type { World } from '../seed/world.ts';

/**
 * One picture of every so many, and what was done with those: what needs pictures drawn can be measured on a part
 * of them. Items keep their numbers.
 */
export function partOf(world: World, every: number): World {
  const pictures = world.pictures.filter((_, n) => n % every === 0);
  const kept = new Set(pictures.map(({ id }) => id));
  const events = world.events.filter(({ itemKind, itemId }) => itemKind !== 'image' || kept.has(itemId));
  return { ...world, pictures, events };
}
