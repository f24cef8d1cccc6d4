import type { Experiment } from '../types.ts';
import type { Window } from './windows.ts';

/** What a reader of a report takes on trust. */
export function assumptionsOf({ definition }: Experiment, windows: Window[]): string[] {
  const { attributionHours = 24, botListsAnHour = 500, historyDays = 28 } = definition;
  return [
    'The person (user id) is the unit: one on two devices is one person, and a person without an id cannot be told from another.',
    'One person’s variant does not change what another one does (no interference); both variants learn from one shared log, which pulls differences towards 0.',
    `An event counts for the list it names, from the list on and within ${attributionHours} hours; the same deed on the same item of a list counts once.`,
    `Who asks for more than ${botListsAnHour} lists within an hour is a bot and left out, as is who was seen in two variants; the split is tested before they are left out.`,
    'Intervals are asymptotic: ratios by the delta method, the always-valid ones by Waudby-Smith et al. (2024) tuned for 5,000 people.',
    `What people did in the ${historyDays} days before the start is taken into account (CUPED); only events that were known then count.`,
    'Over time: by the day on which people were first seen, so days are different people.',
    ...(definition.targeting?.people
      ? [
          'It is aimed at some people: whoever met the condition when a list was made came in, and stays in whatever became of them.',
        ]
      : []),
    ...(windows.length > 1
      ? [
          'Each variant is compared over the time in which it and the control both ran, so that comparisons over different times are of different people; the split is tested over all of it, by the people first seen while the same variants ran.',
        ]
      : []),
  ];
}
