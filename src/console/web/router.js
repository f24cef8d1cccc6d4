import { useEffect, useState } from 'preact/hooks';

/** @import { Place } from './types.ts' */

/** @type {Set<() => void>} */
const listeners = new Set();
addEventListener('popstate', () => changed());

function changed() {
  for (const listen of listeners) listen();
}

/** @returns {Place} */
const here = () => ({ path: location.pathname, query: new URLSearchParams(location.search) });

/** @param {string} url @param {{ replace?: boolean }} [how] */
export function go(url, { replace = false } = {}) {
  if (url === location.pathname + location.search) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', url);
  changed();
}

/** @returns {Place} */
export function usePlace() {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const listen = () => setPlace(here());
    listeners.add(listen);
    return () => void listeners.delete(listen);
  }, []);
  return place;
}

/**
 * Links of the console are followed without loading the page anew; all others as ever.
 * @param {(path: string) => boolean} isView
 */
export function followLinks(isView) {
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
    if (!isView(link.pathname) || link.hash) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
