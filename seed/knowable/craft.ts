import { craftOf } from '../affinity.ts';
import { chanceToLike, chanceToOpen } from '../reactions.ts';
import type { Truth } from '../truth.ts';
import { dateOf } from '../world.ts';
import type { Evidence } from './evidence.ts';

/** How well a picture may be made: 0…1, each as likely (seed/images.ts). */
const CRAFTS = Float64Array.from({ length: 11 }, (_, n) => n / 10);

/**
 * What everybody's reactions tell of how well a picture is made, to whoever knows what each of them likes: the mean of
 * `craftOf` given what came before a time. More than anybody can know who has to guess the others' tastes.
 */
export function craftsOf(
  evidence: ReadonlyMap<string, Evidence>,
  crafts: ReadonlyMap<string, number>,
  truth: Truth,
) {
  const told = new Map<string, { at: number; logs: Float64Array }[]>();
  for (const [userId, { seen }] of evidence)
    for (const { id, kind, at, clicked, liked } of seen) {
      if (kind !== 'image') continue;
      const whole = truth.affinity(userId, { kind, id }, Date.parse(dateOf(at)));
      const liking = whole / craftOf(crafts.get(id)!);
      const logs = CRAFTS.map((craft) => {
        const affinity = liking * craftOf(craft);
        const [click, like] = [chanceToOpen(affinity), chanceToLike(affinity)];
        return Math.log((clicked ? click : 1 - click) * (liked ? like : 1 - like));
      });
      if (!told.has(id)) told.set(id, []);
      told.get(id)!.push({ at, logs });
    }
  return (id: string, until: number): number => {
    const sums = new Float64Array(CRAFTS.length);
    for (const { at, logs } of told.get(id) ?? [])
      if (at < until)
        logs.forEach((log, n) => {
          sums[n]! += log;
        });
    const most = Math.max(...sums);
    let [all, mean] = [0, 0];
    sums.forEach((sum, n) => {
      all += Math.exp(sum - most);
      mean += Math.exp(sum - most) * craftOf(CRAFTS[n]!);
    });
    return mean / all;
  };
}
