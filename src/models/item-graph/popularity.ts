import type { Histories } from './ease.ts';
import type { InteractionLog } from './types.ts';

/** An interaction counts half as much a week later, or so many steps from its row's end. */
const HALF_LIFE_MS = 7 * 24 * 3600 * 1000;
const HALF_LIFE_STEPS = 20;

/** Distinct users of each item. */
export function popularity(log: Histories): Float32Array {
  const users = new Float32Array(log.items.length);
  const lastUser = new Int32Array(log.items.length).fill(-1);
  for (let user = 0; user < log.users; user++)
    for (let n = log.offsets[user]!; n < log.offsets[user + 1]!; n++) {
      const column = log.columns[n]!;
      if (lastUser[column] === user) continue;
      lastUser[column] = user;
      users[column]!++;
    }
  return users;
}

/**
 * Interactions weighted by strength and by age: before the newest of the whole log where times are real, and
 * before the newest of the user's own row where times are steps, since steps of two users do not compare.
 */
export function trend(log: InteractionLog): Float32Array {
  const sums = new Float64Array(log.items.length);
  const newest = log.times.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY);
  for (let user = 0; user < log.users; user++) {
    const end = log.offsets[user + 1]!;
    for (let n = log.offsets[user]!; n < end; n++) {
      const halvings = log.syntheticTime
        ? (end - 1 - n) / HALF_LIFE_STEPS
        : (newest - log.times[n]!) / HALF_LIFE_MS;
      sums[log.columns[n]!]! += log.strengths[n]! * 2 ** -halvings;
    }
  }
  return Float32Array.from(sums);
}
