/** What opens over the page and is to close again by itself. */
const OPEN = 'details.less[open], details.key[open]';

/** Escape closes what lies open and goes back to what opened it; so does looking elsewhere, without going back. */
export function closeMenus() {
  document.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    for (const menu of openMenus()) {
      const within = menu.contains(document.activeElement);
      menu.open = false;
      if (within) menu.querySelector('summary')?.focus();
    }
  });
  document.addEventListener('pointerdown', ({ target }) => {
    for (const menu of openMenus()) if (target instanceof Node && !menu.contains(target)) menu.open = false;
  });
}

const openMenus = () => /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll(OPEN));
