import type { Page } from 'playwright-core';

/** What Tab reaches, one after the other, and what is wrong with where it was. */
export type Walk = { reached: string[]; wrong: string[] };

/** All that somebody with a mouse could use. */
const USABLE =
  'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), summary, [tabindex="0"]';

const HERE = `(() => {
  const at = document.activeElement;
  if (at === null || at === document.body || at.id === 'main') return null;
  const box = at.getBoundingClientRect();
  const { outlineStyle, outlineWidth } = getComputedStyle(at);
  const name = (at.ariaLabel || at.labels?.[0]?.textContent || at.textContent || at.tagName).trim().slice(0, 60);
  const covered = document.elementFromPoint(
    Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1),
    Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1));
  return {
    name: at.tagName.toLowerCase() + ' ' + name,
    order: [...document.querySelectorAll('*')].indexOf(at),
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    free: covered !== null && (at.contains(covered) || covered.contains(at) || at.labels?.[0]?.contains(covered) === true),
    ringed: outlineStyle !== 'none' && parseFloat(outlineWidth) > 0,
  };
})()`;
type Here = { name: string; order: number; seen: boolean; free: boolean; ringed: boolean };

/** Goes through a page with nothing but Tab, from its beginning. */
export async function walkByKeyboard(page: Page): Promise<Walk> {
  const walk: Walk = { reached: [], wrong: [] };
  let last = -1;
  for (;;) {
    await page.keyboard.press('Tab');
    const here = (await page.evaluate(HERE)) as Here | null;
    if (here === null || here.order <= last) break;
    last = here.order;
    walk.reached.push(here.name);
    if (!here.seen) walk.wrong.push(`${here.name} is not on the screen`);
    else if (!here.free) walk.wrong.push(`${here.name} lies under something`);
    if (!here.ringed) walk.wrong.push(`${here.name} shows no focus`);
  }
  const usable = (await page.evaluate(
    `[...document.querySelectorAll(${JSON.stringify(USABLE)})].filter((one) => one.checkVisibility() && one.tabIndex >= 0
      && !(one.type === 'radio' && !one.checked)).length`,
  )) as number;
  if (walk.reached.length < usable)
    walk.wrong.push(
      `${walk.reached.length} of ${usable} things are reached, the last is ${walk.reached.at(-1)}`,
    );
  return walk;
}
