import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HamletError } from '../errors.ts';

/** From a sum of probabilities above `above` on, a picture is of this level at least. */
export type LevelRule = { classes: string[]; above: number; level: number };

/** Every threshold of the decision, as one artifact with a version that is stored beside each decision. */
export type SafetyRule = {
  version: string;
  /** A text whose unsafe probability is above this is unsafe (ImageGem, arXiv 2510.18433, section 3). */
  unsafeText: number;
  /** Levels that the pixels must lie above the declared one to dispute it. */
  disputedSteps: number;
  /** By the name of the classifier. */
  classifiers: Record<string, LevelRule[]>;
};

const SHIPPED = resolve(import.meta.dirname, '../../weights/safety/rule.json');

/** The rule that ships; `added` are the levels that manifests of other classifiers bring along. */
export function openRule(added: Record<string, LevelRule[]> = {}): SafetyRule {
  const rule = JSON.parse(readFileSync(SHIPPED, 'utf8')) as SafetyRule;
  const classifiers = { ...rule.classifiers, ...added };
  for (const [name, levels] of Object.entries(classifiers)) checkLevels(name, levels);
  return { ...rule, classifiers };
}

/** @throws HamletError `classifier-invalid` */
export function checkLevels(name: string, levels: unknown): asserts levels is LevelRule[] {
  const readable =
    Array.isArray(levels) &&
    levels.length > 0 &&
    levels.every(
      ({ classes, above, level }) =>
        Array.isArray(classes) &&
        classes.length > 0 &&
        classes.every((entry) => typeof entry === 'string') &&
        typeof above === 'number' &&
        above >= 0 &&
        above < 1 &&
        [1, 2, 4, 8, 16, 32].includes(level),
    );
  if (!readable)
    throw new HamletError('classifier-invalid', 500, `The levels of the classifier ${name} cannot be read.`);
}

/** For texts that are no item's: what somebody says of their taste is held to the same. */
export const UNSAFE_TEXT: number = openRule().unsafeText;
