import { keepAll, type Rule } from './rule.ts';

/** What the user disliked or hid, and whatever comes from creators or carries tags they hid. */
export const hidden: Rule = {
  name: 'hidden',
  prepare({ columns, user }) {
    const { hidden: items, hiddenCreators, hiddenTags } = user;
    const disliked = user.disliked.length > 0 ? new Set(user.disliked) : items;
    if (items.size + disliked.size + hiddenCreators.size + hiddenTags.size === 0) return keepAll;
    return (item) =>
      !items.has(item) &&
      !disliked.has(item) &&
      !(hiddenCreators.size > 0 && hiddenCreators.has(columns.creator[item]!)) &&
      !(hiddenTags.size > 0 && columns.tagsOf(item).some((tag) => hiddenTags.has(tag)));
  },
};
