import { html } from 'htm/preact';
import { shown } from '../../parts/number.js';
import { nameOf } from './names.js';

const DEPTH = 3;

/** Whatever a step found, name by name: numbers, texts, and what lies below them. @param {{ of: unknown, depth?: number }} props */
export function Figures({ of, depth = 0 }) {
  if (of === null || of === undefined) return null;
  if (typeof of === 'number') return html`${shown(of)}`;
  if (typeof of !== 'object') return html`${String(of)}`;
  if (depth >= DEPTH || (Array.isArray(of) && of.every((one) => typeof one !== 'object')))
    return html`${Array.isArray(of) ? of.map((one) => (typeof one === 'number' ? shown(one) : String(one))).join(', ') : JSON.stringify(of)}`;
  return html`<dl class="pairs">${Object.entries(of).map(([name, value]) => html`<dt>${nameOf(name)}</dt><dd><${Figures} of=${value} depth=${depth + 1} /></dd>`)}</dl>`;
}
