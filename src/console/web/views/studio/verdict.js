import { html } from 'htm/preact';
import { Interval } from '../../parts/interval.js';
import { shown } from '../../parts/number.js';
import { Figures } from './figures.js';

/** @typedef {[mean: number, low: number, high: number]} Bounded */
/** @typedef {{ version: string, base: number, tuned: number, difference: Bounded, winRate: Bounded, madeThePairs?: string }} Judged */

const SCALE = /** @type {const} */ ([0, 1]);
const UNDECIDED = 0.5;

/** What each scorer says of pictures drawn with the adapter beside those without. @param {{ of: unknown }} props */
export function Verdict({ of }) {
  const judged = Object.entries(/** @type {Record<string, Judged>} */ (of ?? {}));
  if (judged.length === 0 || !judged.every(([, one]) => Array.isArray(one?.winRate)))
    return html`<${Figures} of=${of} />`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Verdict"><table>
    <thead><tr><th>Scorer</th><th class="n">Before</th><th class="n">After</th><th>Wins, of pairs from the same prompt and seed</th></tr></thead>
    <tbody>${judged.map(
      ([
        name,
        {
          version,
          base,
          tuned,
          winRate: [mean, low, high],
          madeThePairs,
        },
      ]) => html`<tr><td>${name} <small>${version}${madeThePairs && ', made the pairs, too'}</small></td><td class="n">${shown(base)}</td><td class="n">${shown(tuned)}</td>
        <td><${Interval} value=${mean} interval=${[low, high]} scale=${SCALE} reference=${UNDECIDED} /> <small>${shown(mean)} (${shown(low)} to ${shown(high)}) ${decided(low, high)}</small></td></tr>`,
    )}</tbody></table></div>`;
}

/** @param {number} low @param {number} high */
const decided = (low, high) =>
  low > UNDECIDED
    ? html`<span class="badge good">better</span>`
    : high < UNDECIDED
      ? html`<span class="badge bad">worse</span>`
      : html`<span class="badge">no difference shown</span>`;
