import type { Subject } from '../grammar.ts';
import type { Stage } from '../scene.ts';
import { balloons } from './balloons.ts';
import { castle } from './castle.ts';
import { city } from './city.ts';
import { dunes } from './dunes.ts';
import { forest } from './forest.ts';
import { lighthouse } from './lighthouse.ts';
import { mountains } from './mountains.ts';
import { planet } from './planet.ts';
import { poppies } from './poppies.ts';
import { sailboat } from './sailboat.ts';
import { tree } from './tree.ts';
import { wave } from './wave.ts';

/** Each paints its scene on a stage, from back to front. */
export const paintSubject: Record<Subject, (stage: Stage) => void> = {
  ...{ mountains, forest, wave, city, dunes, lighthouse, castle, sailboat, tree, poppies, balloons, planet },
};
