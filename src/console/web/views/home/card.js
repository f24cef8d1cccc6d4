import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { Picture } from '../../parts/picture.js';
import { Reason } from './evidence.js';
import { stylesOf } from './steer.js';

/** @import { PageItem } from '../../types.ts' */
/** @import { Move } from './changes.js' */
/** @typedef {(act: { type: 'like' | 'hide' | 'more' | 'less', item: PageItem, style?: string }) => void} Act */

/** @param {{ item: PageItem, move: Move | undefined, busy: boolean, eager: boolean, act: Act }} props */
export function Card({ item, move, busy, eager, act }) {
  const title = item.title || item.id;
  return html`<li class="card" data-id=${item.id}>
    <div class="frame">
      <${Picture} url=${item.url} title=${title} eager=${eager} />
      ${
        move &&
        html`<span class=${move.by === null ? 'move new' : move.by > 0 ? 'move up' : 'move down'}>${
          move.by === null ? 'new' : move.by > 0 ? `▲ ${move.by}` : `▼ ${-move.by}`
        }</span>`
      }
    </div>
    <div class="text">
      <h3>${title}</h3>
      <${Reason} item=${item} />
      ${move && html`<p class="moved">${move.by === null ? 'New' : move.by > 0 ? 'Up' : 'Down'}: ${move.why}</p>`}
      <p class="from">${item.sources.join(', ')} · ${item.score.toFixed(3)}</p>
    </div>
    <div class="acts">
      <button type="button" disabled=${busy}  onClick=${() => act({ type: 'like', item })}><span aria-hidden="true">♥ </span>Like${named(title)}</button>
      <button type="button" disabled=${busy}  onClick=${() => act({ type: 'hide', item })}>Hide${named(title)}</button>
      <button type="button" disabled=${busy}  onClick=${() => act({ type: 'more', item })}>More like this${named(title)}</button>
      <${Less} item=${item} busy=${busy} act=${act} />
    </div>
  </li>`;
}

/** For who does not see which picture a button belongs to. @param {string} title */
const named = (title) => html`<span class="hidden">: ${title}</span>`;

/** Which of its words there should be less of. @param {{ item: PageItem, busy: boolean, act: Act }} props */
function Less({ item, busy, act }) {
  const [styles, setStyles] = useState(/** @type {string[] | null} */ (null));
  const look = () => styles === null && stylesOf(item).then(setStyles);
  return html`<details class="less" onToggle=${look}>
    <summary>Less of…${named(item.title || item.id)}</summary>
    <div class="menu">${
      styles === null
        ? 'Looking…'
        : styles.length === 0
          ? 'It carries no words to steer by.'
          : styles.map(
              (style) =>
                html`<button type="button" disabled=${busy} onClick=${(/** @type {MouseEvent} */ event) => {
                  const menu = /** @type {HTMLElement} */ (event.currentTarget).closest('details');
                  if (menu) menu.open = false;
                  act({ type: 'less', item, style });
                }}>${style}</button>`,
            )
    }</div>
  </details>`;
}
