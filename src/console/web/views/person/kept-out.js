import { html } from 'htm/preact';
import { Picture } from '../../parts/picture.js';
import { whyRemoved } from '../../parts/removed.js';
import { Empty } from '../../parts/states.js';

/** @import { ListTrace } from '../../types.ts' */
/** @typedef {NonNullable<ListTrace['removed']>[number]} Removed */

/** What sources met and rules kept out, the most frequent reason first. @param {{ removed: Removed[] }} props */
export const KeptOut = ({ removed }) => html`<h2>What was kept out, and why</h2>
  ${removed.length === 0 && html`<${Empty}>Nothing that a source met had to be kept out.<//>`}
  ${[...removed]
    .sort((a, b) => b.count - a.count)
    .map(
      ({
        reason,
        count,
        items,
      }) => html`<details class="kept-out panel" key=${reason} open=${items.length > 0 && count <= items.length}>
      <summary><b>${count}</b> ${reason} <span class="from">${whyRemoved(reason)}</span></summary>
      <ul class="deeds">${items.map(
        ({ kind, id, title, url }) => html`<li class="deed" key=${`${kind}:${id}`}>
          <${Picture} url=${url} title="" /><span>${title || id}</span></li>`,
      )}</ul>
      ${count > items.length && html`<p class="from">${rest(count - items.length, items.length)}</p>`}
    </details>`,
    )}`;

/** @param {number} many @param {number} named */
const rest = (many, named) =>
  named > 0 ? `and ${many} more` : `${many === 1 ? 'It is' : 'They are'} not named at this level.`;
