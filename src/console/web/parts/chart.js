import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { shown } from './number.js';

/**
 * @typedef {{ label: string, values: (number | null)[], low?: (number | null)[], high?: (number | null)[] }} Line
 * @typedef {{ title: string, xLabel: string, x: number[], time?: boolean, lines: Line[], zero?: boolean }} ChartProps
 */

/** Told apart from each other and from the page, in the light and in the dark. */
const COLOURS = ['#6d63f0', '#d9730d', '#1a9c5f', '#d6336c', '#1c7ed6', '#94890c'];
const HEIGHT = 260;

const sheet = document.createElement('link');
sheet.rel = 'stylesheet';
sheet.href = '/console/lib/uplot.css';
document.head.append(sheet);

/** Lines with their intervals over a number or time; the same as a table for who cannot see them. @param {ChartProps} props */
export function Chart({ title, xLabel, x, time = false, lines, zero = false }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const at = place.current;
    if (at === null || x.length === 0) return;
    const plot = new uPlot(optionsOf({ title, xLabel, x, time, lines, zero }, at), dataOf(x, lines), at);
    const watch = new ResizeObserver(() => plot.setSize({ width: at.clientWidth, height: HEIGHT }));
    watch.observe(at);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [title, JSON.stringify(x), JSON.stringify(lines)]);
  return html`<figure class="chart">
    <figcaption>${title}</figcaption>
    <div ref=${place} aria-hidden="true"></div>
    <details><summary>As a table</summary><div class="scroll" tabindex="0" role="region" aria-label=${title}><table>
      <thead><tr><th>${xLabel}</th>${lines.map(({ label }) => html`<th class="n">${label}</th>`)}</tr></thead>
      <tbody>${x.map(
        (value, n) =>
          html`<tr><td>${time ? new Date(value * 1000).toISOString().slice(0, 16) : shown(value)}</td>${lines.map(
            ({ values, low, high }) =>
              html`<td class="n">${shown(values[n])}${low && html` <small>${shown(low[n])} to ${shown(high?.[n])}</small>`}</td>`,
          )}</tr>`,
      )}</tbody>
    </table></div></details>
  </figure>`;
}

/** @param {number[]} x @param {Line[]} lines @returns {uPlot.AlignedData} */
const dataOf = (x, lines) => [
  x,
  ...lines.flatMap(({ values, low, high }) => (low && high ? [values, high, low] : [values])),
];

/** @param {Required<ChartProps>} chart @param {HTMLElement} at @returns {uPlot.Options} */
function optionsOf({ xLabel, x, time, lines, zero }, at) {
  const ink = getComputedStyle(at).color;
  const grid = { stroke: `color-mix(in srgb, ${ink} 15%, transparent)`, width: 1 };
  /** @type {uPlot.Series[]} */
  const series = [{ label: xLabel }];
  /** @type {uPlot.Band[]} */
  const bands = [];
  lines.forEach(({ label, low, high }, n) => {
    const colour = COLOURS[n % COLOURS.length] ?? '#6d63f0';
    series.push({ label, stroke: colour, width: 2, points: { size: 6 }, value: (_, value) => shown(value) });
    if (!low || !high) return;
    const edge = { stroke: `${colour}90`, dash: [4, 4], points: { size: 4 } };
    series.push({ ...edge, label: `${label}, high`, value: (_, value) => shown(value) });
    series.push({ ...edge, label: `${label}, low`, value: (_, value) => shown(value) });
    bands.push({ series: [series.length - 2, series.length - 1], fill: `${colour}38` });
  });
  const axis = { stroke: ink, grid, ticks: grid };
  return {
    ...{ width: at.clientWidth, height: HEIGHT, series, bands },
    scales: {
      x: { time, ...(x.length === 1 && { range: alone(time) }) },
      ...(zero && { y: { range: aroundZero } }),
    },
    axes: [axis, { ...axis, size: 70, values: (_, ticks) => ticks.map((tick) => shown(tick)) }],
  };
}

/** Zero is where there is no difference: always in the picture. @type {uPlot.Range.Function} */
const aroundZero = (_, low, high) => {
  const room = (Math.max(high, 0) - Math.min(low, 0)) * 0.08 || 1;
  return [Math.min(low, 0) - room, Math.max(high, 0) + room];
};

const DAY_SECONDS = 86_400;

/** A point that stands alone, in the middle. @param {boolean} time @returns {uPlot.Range.Function} */
const alone = (time) => (_, low, high) => {
  const room = time ? DAY_SECONDS : 1;
  return [low - room, high + room];
};
