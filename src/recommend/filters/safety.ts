import { servable } from '../../catalog/index.ts';
import type { Rule } from './rule.ts';

/** Held back, blocked, deleted or above the level asked for: never. The check itself is the catalogue's. */
export const safety: Rule = {
  name: 'safety',
  prepare({ columns, request }) {
    const { level } = columns;
    const { maxLevel } = request;
    return (item) => servable(level[item] ?? 0, maxLevel);
  },
};
