import type { Rule } from './rule.ts';

/** Whatever the user ever touched. */
export const seen: Rule = {
  name: 'seen',
  prepare({ user }) {
    const touched = user.seen;
    return (item) => !touched.has(item);
  },
};
