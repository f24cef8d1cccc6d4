import { html } from 'htm/preact';
import { Interval } from '../../parts/interval.js';
import { shown } from '../../parts/number.js';
import { Figures } from './figures.js';

/**
 * @typedef {{ balancedAccuracy: number, interval: [number, number], auc: number, folds: number, repeats: number,
 *   positives: number, negatives: number, permuted: { runs: number, p95: number }, cosines?: Record<string, number> }} Found
 */

/** Half is what guessing comes to. */
const SCALE = /** @type {const} */ ([0.4, 1]);
const GUESSED = 0.5;

/** How well a direction tells LoRAs apart that it was not learned from. @param {{ result: Record<string, unknown> | null }} props */
export function DirectionFigures({ result }) {
  if (result === null) return null;
  if (!Array.isArray(result.interval) || typeof result.balancedAccuracy !== 'number')
    return html`<${Figures} of=${result} />`;
  const found = /** @type {Found} */ (/** @type {unknown} */ (result));
  const [low, high] = found.interval;
  const alike = Object.entries(found.cosines ?? {}).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  return html`<dl class="pairs">
      <dt>balanced accuracy</dt><dd>${shown(found.balancedAccuracy)}, 95 % ${shown(low)} to ${shown(high)} <${Interval} value=${found.balancedAccuracy} interval=${found.interval} scale=${SCALE} reference=${GUESSED} /></dd>
      <dt>permuted labels</dt><dd>95 of 100 stay below ${shown(found.permuted.p95)} (${found.permuted.runs} runs)</dd>
      <dt>AUC</dt><dd>${shown(found.auc)}</dd>
      <dt>learned from</dt><dd>${found.positives} LoRAs that have it, ${found.negatives} that have it not; ${found.folds} folds, ${found.repeats} times</dd>
      ${alike.length > 0 && html`<dt>other directions</dt><dd>${alike.map(([name, cosine]) => `${name} (cosine ${shown(cosine)})`).join(', ')}</dd>`}
    </dl>
    <details><summary>All it found</summary><${Figures} of=${result} /></details>`;
}
