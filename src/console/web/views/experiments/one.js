import { html } from 'htm/preact';
import { at, useAsked } from '../../api.js';
import { moment } from '../../parts/number.js';
import { Answer } from '../../parts/states.js';
import { Planner } from './planner.js';
import { ReportOf } from './report.js';
import { StateBadge } from './state-badge.js';
import { Steps } from './steps.js';

/** @import { Asked, Experiment } from '../../types.ts' */

/** @param {{ name: string }} props */
export function One({ name }) {
  const path = `/admin/experiments/${at(name)}`;
  const asked = /** @type {Asked<Experiment>} */ (useAsked(path));
  return html`<div class="bar"><h1>${name}</h1><a href="/experiments">All experiments</a></div>
    <${Answer} asked=${asked} what="the experiment">${(/** @type {Experiment} */ experiment) => html`
      <p><${StateBadge} state=${experiment.state} /> version ${experiment.version}, reaches ${Math.round(experiment.coverage * 100)} % · began ${moment(experiment.startedAt)} · ended ${moment(experiment.endedAt)}${experiment.winner ? ` · winner ${experiment.winner}` : ''}</p>
      <blockquote>${experiment.definition.hypothesis}</blockquote>
      <${Steps} path=${path} experiment=${experiment} done=${asked.again} />
      ${experiment.startedAt !== null && html`<${ReportOf} path=${path} state=${experiment.state} />`}
      <${Planner} path=${path} />
      <details><summary>Definition</summary><pre>${JSON.stringify(experiment.definition, null, 2)}</pre></details>`}<//>`;
}
