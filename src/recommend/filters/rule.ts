import type { ItemRef } from '../../catalog/types.ts';
import type { Candidate, Context, Filter } from '../types.ts';

/** What rules look at; a page of a stored list has this much too. */
export type RuleContext = Pick<Context, 'request' | 'user' | 'columns'>;

/**
 * A rule about one item at a time: prepared once a request, then asked an item at a time; true = keep.
 * The filter of the same name applies it to candidates, and sources use it to not bring in vain.
 */
export type Rule = { name: string; prepare(context: RuleContext): (item: ItemRef) => boolean };

export function ruleFilter(rule: Rule): Filter {
  return {
    name: rule.name,
    apply(candidates, context) {
      const keeps = rule.prepare(context);
      // Sources ask the rules too, so that as good as always there is nothing to remove.
      if (candidates.every(({ item }) => keeps(item))) return { kept: candidates, removed: [] };
      const kept: Candidate[] = [];
      const removed: { item: ItemRef; reason: string }[] = [];
      for (const candidate of candidates) {
        if (keeps(candidate.item)) kept.push(candidate);
        else removed.push({ item: candidate.item, reason: rule.name });
      }
      return { kept, removed };
    },
  };
}

export const keepAll = (): boolean => true;
