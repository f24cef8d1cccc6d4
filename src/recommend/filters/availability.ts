import { ITEM_FLAG, KIND_CODE } from '../../catalog/types.ts';
import type { Rule } from './rule.ts';

/** Items of the kind asked for that can be had, and under a licence the user can use. */
export const availability: Rule = {
  name: 'availability',
  prepare({ columns, request, user }) {
    const { kind, flags } = columns;
    const wantedKind = KIND_CODE[request.kind];
    const licence =
      request.kind === 'model' && user.preferences.commercialUseOnly ? ITEM_FLAG.commercialUse : 0;
    const needed = ITEM_FLAG.available | licence;
    return (item) => kind[item] === wantedKind && (flags[item]! & needed) === needed;
  },
};
