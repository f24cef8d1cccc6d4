import { keepAll, type Rule } from './rule.ts';

/** A person's own works speak of their taste but are not recommended to them. */
export const ownWork: Rule = {
  name: 'own-work',
  prepare({ columns, user }) {
    if (user.user === 0) return keepAll;
    return (item) => columns.creator[item] !== user.user;
  },
};
