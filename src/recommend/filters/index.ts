import type { ItemRef } from '../../catalog/types.ts';
import type { Removals } from '../removals.ts';
import { availability } from './availability.ts';
import { hidden } from './hidden.ts';
import { ownWork } from './own-work.ts';
import { requested } from './requested.ts';
import { keepAll, type Rule, type RuleContext } from './rule.ts';
import { safety } from './safety.ts';
import { seen } from './seen.ts';

/** The rules every list obeys, in the order they are applied. */
export const LIST_RULES: Rule[] = [safety, availability, hidden, seen, ownWork, requested];

/** What is checked again whenever a page of a stored list, `similar` or `search` is served. */
export const SERVING_RULES: Rule[] = [safety, availability, hidden, ownWork];

type Asking = RuleContext & { removals?: Removals };

/** All rules as one question, for sources that would otherwise bring what a filter removes. */
export function eligible(context: Asking, rules: Rule[] = LIST_RULES): (item: ItemRef) => boolean {
  if (context.removals) return noting(context, rules, context.removals);
  const checks = rules.map((rule) => rule.prepare(context)).filter((check) => check !== keepAll);
  return (item) => {
    for (const check of checks) if (!check(item)) return false;
    return true;
  };
}

/** The same, and the first rule that keeps an item out is noted. */
function noting(context: RuleContext, rules: Rule[], removals: Removals): (item: ItemRef) => boolean {
  const checks = rules.map((rule) => ({ name: rule.name, keeps: rule.prepare(context) }));
  return (item) => {
    const against = checks.find(({ keeps }) => !keeps(item));
    if (against) removals.note(item, against.name);
    return against === undefined;
  };
}
