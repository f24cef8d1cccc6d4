import { html } from 'htm/preact';
import { Interval, scaleOf } from '../../parts/interval.js';
import { percent, shown } from '../../parts/number.js';

/**
 * @typedef {Record<string, number> & { ci95: Record<string, [number, number]>, coverage: number, seconds: number }} Figures
 * @typedef {Record<string, Record<string, number> & { ci95: Record<string, [number, number]>, users: number }>} Segments
 * @typedef {{ id: string, measured: string, dataset: { file: string, users: number, items: number, interactions: number },
 *   protocol: { name: string, k: number, users: number, seed: number }, artifacts?: { kind: string, version: string }[],
 *   recommenders: Record<string, Figures> }} Run
 */

/** Figures of all runs on one scale a metric. What learns nothing stands first, as what to beat. @param {{ runs: Run[] }} props */
export const Compare = ({ runs }) =>
  [...Map.groupBy(runs, ({ dataset }) => dataset.file)].map(([file, ofFile]) => {
    const metrics = [...new Set(ofFile.flatMap(({ protocol: { k } }) => [`NDCG@${k}`, `HR@${k}`]))];
    const first = ofFile[0];
    return html`<section><h2>${file}</h2>
      ${first && html`<p class="from">${first.dataset.users.toLocaleString('en')} people, ${first.dataset.items.toLocaleString('en')} items, ${first.dataset.interactions.toLocaleString('en')} interactions; the whole catalogue is ranked, ties count against the model; 95 % bootstrap intervals over people.</p>`}
      ${metrics.map((metric) => html`<${Metric} key=${metric} metric=${metric} runs=${ofFile} />`)}
      ${segmentsOf(ofFile).map(
        (segment) =>
          html`<details><summary>${segment}</summary>${metrics.map((metric) => html`<${Metric} key=${metric} metric=${metric} runs=${ofFile.map((run) => within(run, segment))} />`)}</details>`,
      )}</section>`;
  });

/** Reports that were made before there were segments have none. @param {Run[]} runs */
const segmentsOf = (runs) => [
  ...new Set(
    runs.flatMap(({ recommenders }) =>
      Object.values(recommenders).flatMap((figures) => Object.keys(segments(figures))),
    ),
  ),
];

/** @param {Figures} figures @returns {Segments} */
const segments = (figures) =>
  /** @type {{ segments?: Segments }} */ (/** @type {unknown} */ (figures)).segments ?? {};

/** A run with the figures of one segment; coverage and seconds are those of the whole. @param {Run} run @param {string} segment @returns {Run} */
const within = (run, segment) => ({
  ...run,
  recommenders: Object.fromEntries(
    Object.entries(run.recommenders).flatMap(([name, figures]) => {
      const own = segments(figures)[segment];
      const { coverage, seconds } = figures;
      return own
        ? [[name, /** @type {Figures} */ (/** @type {unknown} */ ({ ...own, coverage, seconds }))]]
        : [];
    }),
  ),
});

/** @param {{ metric: string, runs: Run[] }} props */
function Metric({ metric, runs }) {
  const rows = runs.flatMap((run) =>
    Object.entries(run.recommenders)
      .filter(([, figures]) => metric in figures)
      .map(([name, figures]) => ({
        run,
        name,
        figures,
        value: figures[metric] ?? 0,
        interval: figures.ci95?.[metric],
      })),
  );
  const scale = scaleOf(rows.map(({ value, interval }) => interval ?? /** @type {const} */ ([value, value])));
  const floor = Math.max(0, ...rows.filter(({ name }) => name === 'popularity').map(({ value }) => value));
  return html`<h3>${metric}</h3><div class="scroll" tabindex="0" role="region" aria-label=${metric}><table>
    <thead><tr><th>Recommender</th><th>Run</th><th class="n">${metric}</th><th>95 % interval, popularity dashed</th><th class="n">Of popularity</th><th class="n">Coverage</th><th class="n">Seconds</th></tr></thead>
    <tbody>${rows
      .sort((a, b) => b.value - a.value)
      .map(
        ({
          run,
          name,
          figures,
          value,
          interval,
        }) => html`<tr><td>${name}</td><td><small>${run.protocol.name}, ${run.measured.slice(0, 10)}</small></td><td class="n">${value.toFixed(4)}</td>
          <td>${interval ? html`<${Interval} value=${value} interval=${interval} scale=${scale} reference=${floor} /> <small>${interval[0].toFixed(4)} to ${interval[1].toFixed(4)}</small>` : 'none told'}</td>
          <td class="n">${floor > 0 ? `× ${shown(value / floor)}` : '–'}</td><td class="n">${percent(figures.coverage)}</td><td class="n">${shown(figures.seconds)}</td></tr>`,
      )}</tbody></table></div>`;
}
