import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { useAsked } from '../../api.js';
import { moment } from '../../parts/number.js';
import { Answer, Empty } from '../../parts/states.js';
import { Compare } from './compare.js';

/** @import { Asked } from '../../types.ts' */
/** @import { Run } from './compare.js' */

/** Offline evaluations side by side: those of this home, the published one, and any report opened here. */
export default function Evaluations() {
  const asked = /** @type {Asked<{ evaluations: Run[] }>} */ (useAsked('/admin/evaluations'));
  const [opened, setOpened] = useState(/** @type {Run[]} */ ([]));
  const [off, setOff] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const [fault, setFault] = useState('');
  /** @param {Event & { currentTarget: HTMLInputElement }} event */
  const open = async ({ currentTarget }) => {
    setFault('');
    for (const file of currentTarget.files ?? [])
      try {
        const report = JSON.parse(await file.text());
        if (!report.recommenders || !report.protocol?.k) throw new Error('no report of `hamlet evaluate`');
        setOpened((known) => [
          ...known,
          { measured: new Date(file.lastModified).toISOString(), ...report, id: file.name },
        ]);
      } catch (error) {
        setFault(`${file.name}: ${/** @type {Error} */ (error).message}`);
      }
  };
  /** @param {string} id */
  const turn = (id) =>
    setOff((was) => (was.has(id) ? new Set([...was].filter((one) => one !== id)) : new Set([...was, id])));
  return html`<div class="bar"><h1>Evaluations</h1><label>Open a report <input type="file" accept="application/json" multiple onChange=${open} /></label></div>
    ${fault && html`<p class="note" role="alert">${fault}</p>`}
    <${Answer} asked=${asked} what="the evaluations">${(
      /** @type {{ evaluations: Run[] }} */ { evaluations },
    ) => {
      const runs = [...opened, ...evaluations];
      if (runs.length === 0)
        return html`<${Empty}><code>npx hamlet evaluate --sequences FILE</code> measures, and its reports come here.<//>`;
      return html`<fieldset><legend>Runs</legend>${runs.map(
        (
          run,
        ) => html`<label class="inline"><input type="checkbox" checked=${!off.has(run.id)} onChange=${() => turn(run.id)} />
          ${run.dataset.file}, ${run.protocol.name}, ${run.protocol.users.toLocaleString('en')} people · ${moment(run.measured)}${(run.artifacts ?? []).map(({ kind, version }) => ` · ${kind} ${version}`).join('')}</label>`,
      )}</fieldset><${Compare} runs=${runs.filter(({ id }) => !off.has(id))} />`;
    }}<//>`;
}
