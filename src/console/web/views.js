/** @import { View } from './types.ts' */

/** Each view is loaded when it is first looked at. @type {{ path: RegExp, href: string, name: string, load: () => Promise<View> }[]} */
export const VIEWS = [
  { path: /^\/$/u, href: '/', name: 'Home', load: () => import('./views/home/view.js') },
  {
    path: /^\/people\/([^/]+)(?:\/(taste|next))?$/u,
    href: '/people/',
    name: 'Person',
    load: () => import('./views/person/view.js'),
  },
  {
    path: /^\/experiments(?:\/([^/]+))?$/u,
    href: '/experiments',
    name: 'Experiments',
    load: () => import('./views/experiments/view.js'),
  },
  {
    path: /^\/evaluations$/u,
    href: '/evaluations',
    name: 'Evaluations',
    load: () => import('./views/evaluations/view.js'),
  },
  {
    path: /^\/studio(?:\/(dpo))?$/u,
    href: '/studio',
    name: 'Studio',
    load: () => import('./views/studio/view.js'),
  },
  { path: /^\/models$/u, href: '/models', name: 'Models', load: () => import('./views/models/view.js') },
  {
    path: /^\/safety(?:\/(queue|index|parts|search))?$/u,
    href: '/safety',
    name: 'Safety',
    load: () => import('./views/safety/view.js'),
  },
];

/** @param {string} path */
export function viewAt(path) {
  for (const view of VIEWS) {
    const found = view.path.exec(path);
    if (found) return partsOf(view, found.slice(1));
  }
  return null;
}

/** @param {typeof VIEWS[number]} view @param {string[]} parts */
function partsOf(view, parts) {
  try {
    return { view, parameters: parts.map((part) => decodeURIComponent(part ?? '')) };
  } catch {
    // A path that is cut in the middle of a letter names nothing.
    return null;
  }
}
