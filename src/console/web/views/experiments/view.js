import { html } from 'htm/preact';
import { useAsked } from '../../api.js';
import { moment } from '../../parts/number.js';
import { Answer, Empty } from '../../parts/states.js';
import { Create } from './create.js';
import { One } from './one.js';
import { StateBadge } from './state-badge.js';

/** @import { Asked, ExperimentList, ViewProps } from '../../types.ts' */

/** @param {ViewProps} props */
export default function Experiments({ parameters: [key = ''] }) {
  if (key === 'new') return html`<${Create} />`;
  return key ? html`<${One} key=${key} name=${key} />` : html`<${All} />`;
}

function All() {
  const asked = /** @type {Asked<ExperimentList>} */ (useAsked('/admin/experiments'));
  return html`<div class="bar"><h1>Experiments</h1><a class="button" href="/experiments/new">New experiment</a></div>
    <${Answer} asked=${asked} what="the experiments">${(/** @type {ExperimentList} */ { experiments }) =>
      experiments.length === 0
        ? html`<${Empty}>None was written down yet. <a href="/experiments/new">Write the first</a>.<//>`
        : html`<div class="scroll" tabindex="0" role="region" aria-label="Experiments"><table><thead><tr><th>Experiment</th><th>State</th><th>Hypothesis</th><th>Since</th><th>Winner</th></tr></thead><tbody>${experiments.map(
            ({
              key,
              version,
              state,
              startedAt,
              winner,
              definition,
            }) => html`<tr><td><a href=${`/experiments/${key}`}>${key}</a> <small>version ${version}</small></td>
              <td><${StateBadge} state=${state} /></td><td>${String(definition.hypothesis)}</td><td>${moment(startedAt)}</td><td>${winner ?? '–'}</td></tr>`,
          )}</tbody></table></div>`}<//>`;
}
