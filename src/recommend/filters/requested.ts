import { keepAll, type Rule } from './rule.ts';

/** What the request itself excludes, and the tags of which it wants at least one. */
export const requested: Rule = {
  name: 'requested',
  prepare({ columns, request }) {
    const { exclude } = request;
    if (request.tags.length === 0) return exclude.size === 0 ? keepAll : (item) => !exclude.has(item);
    const tags = new Set(request.tags);
    return (item) => !exclude.has(item) && columns.tagsOf(item).some((tag) => tags.has(tag));
  },
};
