import { EVENT_CODE } from '../../events/types.ts';
import type { Count, Metric } from '../types.ts';

/**
 * Metrics as SQL over the table `measured` (people.ts). Definitions are checked before they come here,
 * and only numbers of this file's own get into the text.
 */
export const eventCodes = Object.values(EVENT_CODE);

const sum = (prefix: 'e' | 'b', types: Count['types'] = []): string =>
  types.map((type) => `${prefix}${EVENT_CODE[type]}`).join(' + ');

export const numeratorOf = ({ numerator }: Metric): string => countOf(numerator);

/** Sums over lists that have a figure are divided by the number of lists that have it. */
export function denominatorOf({ numerator, denominator }: Metric): string {
  if (denominator.count !== 'lists') return countOf(denominator);
  if (numerator.count === 'ms') return 'ms_lists';
  return numerator.count === 'diversity' ? 'diversity_lists' : 'lists';
}

/** What a person did before, as like the numerator as can be had: the same events, or all of them. */
export const covariateOf = ({ numerator }: Metric): string =>
  numerator.count === 'events' ? sum('b', numerator.types) : eventCodes.map((code) => `b${code}`).join(' + ');

function countOf({ count, types }: Count): string {
  switch (count) {
    case 'events':
      return sum('e', types);
    case 'users':
      return '1';
    case 'hoursToLike':
      return 'hours_to_like';
    default:
      return count;
  }
}
