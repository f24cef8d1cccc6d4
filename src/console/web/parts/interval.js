import { html } from 'htm/preact';
import { shown } from './number.js';

const WIDTH = 160;

/**
 * An interval on a scale that its neighbours share, with a mark at the value and a line at the reference.
 * @param {{ value: number, interval: readonly [number, number], scale: readonly [number, number], reference?: number }} props
 */
export function Interval({ value, interval: [low, high], scale: [from, to], reference = 0 }) {
  const across = to - from || 1;
  const at = (/** @type {number} */ x) => Math.min(Math.max(((x - from) / across) * WIDTH, 0), WIDTH);
  return html`<svg class="interval" viewBox=${`0 0 ${WIDTH} 16`} width=${WIDTH} height="16" role="img"
      aria-label=${`${shown(value)}, from ${shown(low)} to ${shown(high)}`}>
    <line class="reference" x1=${at(reference)} x2=${at(reference)} y1="0" y2="16" />
    <line class="range" x1=${at(low)} x2=${at(high)} y1="8" y2="8" />
    <circle cx=${at(value)} cy="8" r="4" />
  </svg>`;
}

/** The scale that holds all of these and the reference. @param {(readonly [number, number])[]} intervals */
export const scaleOf = (intervals, reference = 0) => {
  const low = Math.min(reference, ...intervals.map(([from]) => from));
  const high = Math.max(reference, ...intervals.map(([, to]) => to));
  const room = (high - low) * 0.05 || 1;
  return /** @type {const} */ ([low - room, high + room]);
};
