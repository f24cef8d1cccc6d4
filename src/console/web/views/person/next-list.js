import { html } from 'htm/preact';
import { at, useAsked } from '../../api.js';
import { Picture } from '../../parts/picture.js';
import { Answer } from '../../parts/states.js';
import { KeptOut } from './kept-out.js';

/** @import { Asked, ListTrace, Page } from '../../types.ts' */

/** How a list made for this person now comes about. @param {{ id: string }} props */
export function NextList({ id }) {
  const asked = /** @type {Asked<Page>} */ (
    useAsked(`/users/${at(id)}/recommendations?surface=console&trace=true&limit=12`)
  );
  return html`<${Answer} asked=${asked} what="the list and its trace">${(/** @type {Page} */ page) => {
    if (!page.trace) return html`<p>The list came without a trace.</p>`;
    const { trace } = page;
    return html`<p>Made in <b>${trace.ms.toFixed(1)} ms</b>, variant ${page.variant}, ${rerankedBy(trace)}. <button type="button" class="quiet" onClick=${asked.again}>Ask anew</button></p>
      ${trace.degraded.length > 0 && html`<p class="note">Without ${trace.degraded.map(({ stage, code }) => `${stage} (${code})`).join(', ')}.</p>`}
      <div class="columns">
        <${Stages} title="Which source brought what" trace=${trace} role="source" column="brought" />
        <${Stages} title="What the filters left" trace=${trace} role="filter" column="left" />
        <${Stages} title="Scoring and choosing" trace=${trace} role="rest" column="left" />
      </div>
      <p class="from">Sources ask the rules before they bring anything; the filters check once more.</p>
      <${KeptOut} removed=${trace.removed ?? []} />
      <h2>Scores by feature</h2>
      <div class="scroll" tabindex="0" role="region" aria-label="Scores by feature"><table>
        <thead><tr><th></th><th>Item</th><th>Sources</th><th class="n">Score</th><th>Of which</th><th>Reason</th></tr></thead>
        <tbody>${page.items.map(
          (item, n) => html`<tr>
          <td class="thumb"><${Picture} url=${item.url} title="" /></td>
          <td>${item.title || item.id}</td><td>${item.sources.join(', ')}</td><td class="n">${item.score.toFixed(3)}</td>
          <td><${Parts} of=${trace.items[n]?.parts ?? {}} /></td><td>${item.explanation.text}</td></tr>`,
        )}</tbody>
      </table></div>
      <h2>Versions</h2>
      <dl class="pairs">${Object.entries(trace.versions).map(([name, version]) => html`<dt>${name}</dt><dd>${version}</dd>`)}<dt>configuration</dt><dd>${trace.configDigest.slice(0, 16)}</dd><dt>seed</dt><dd>${trace.seed}</dd></dl>`;
  }}<//>`;
}

/** @param {ListTrace} trace */
const rerankedBy = ({ rerank }) =>
  rerank === null
    ? 'not re-ranked'
    : rerank.by === null
      ? 'in its base order'
      : `re-ranked by ${rerank.by.ranker}`;

/**
 * A source’s entry may also time the stage of its name that looks at all candidates: they enter, what it brings does not.
 * @param {{ title: string, trace: ListTrace, role: string, column: string }} props
 */
function Stages({ title, trace, role, column }) {
  const stages = trace.stages.filter((stage) =>
    role === 'rest' ? stage.role !== 'source' && stage.role !== 'filter' : stage.role === role,
  );
  const slowest = Math.max(...trace.stages.map(({ ms }) => ms));
  return html`<section><h2>${title}</h2><table>
    <thead><tr><th>Stage</th><th class="n">${column}</th><th>ms</th></tr></thead>
    <tbody>${stages.map(
      ({ stage, in: entered, out, ms, removed }) => html`<tr>
      <td>${stage}${
        removed &&
        html`<small class="removed">took out ${Object.entries(removed)
          .map(([reason, count]) => `${count} ${reason}`)
          .join(', ')}</small>`
      }</td>
      <td class="n">${role === 'source' ? out - entered : out}</td>
      <td><meter min="0" max=${slowest} value=${ms} aria-label=${`${stage}: ${ms.toFixed(2)} ms`}></meter> ${ms.toFixed(2)}</td>
    </tr>`,
    )}</tbody>
  </table></section>`;
}

/** @param {{ of: Record<string, number> }} props */
function Parts({ of }) {
  const parts = Object.entries(of).sort(([, a], [, b]) => b - a);
  const whole = parts.reduce((sum, [, part]) => sum + Math.max(part, 0), 0) || 1;
  return html`<span class="parts">${parts.map(
    ([name, part], n) =>
      html`<span class=${`part p${n % 6}`} style=${{ flexGrow: Math.max(part / whole, 0) }} title=${`${name} ${part.toFixed(4)}`}>${name} ${part.toFixed(3)}</span>`,
  )}</span>`;
}
