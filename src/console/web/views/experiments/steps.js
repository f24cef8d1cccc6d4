import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { call } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { ProblemBox } from '../../parts/states.js';

/** @import { Experiment } from '../../types.ts' */

/** What may be done with it now. @param {{ path: string, experiment: Experiment, done: () => void }} props */
export function Steps({ path, experiment, done }) {
  const { state, definition, pausedVariants } = experiment;
  const { busy, problem, said, run } = useDoing();
  const [variant, setVariant] = useState(definition.variants[1]?.key ?? '');
  /** @param {string} step @param {object} [body] */
  const act = (step, body) => {
    if (step === 'stop' && !confirm('Stop it for good? A stopped experiment cannot be started again.'))
      return;
    return run(async () => {
      await call(`${path}/${step}`, { method: 'POST', ...(body && { body }) });
      done();
    }, `Done: ${step}.`);
  };
  /** @param {string} step @param {string} title @param {object} [body] */
  const button = (step, title, body) =>
    html`<button type="button" disabled=${busy} class=${step === 'stop' || step === 'demote' ? 'danger' : ''} onClick=${() => act(step, body)}>${title}</button>`;
  const open = state === 'running' || state === 'paused';
  return html`<p class="row">
      ${(state === 'draft' || state === 'paused') && button('start', state === 'draft' ? 'Start' : 'Resume')}
      ${state === 'running' && button('pause', 'Pause', {})}
      ${state === 'running' && experiment.coverage < 1 && button('ramp', 'Reach everybody', { coverage: 1 })}
      ${open && button('stop', 'Stop for good')}
      ${
        open &&
        html`<label class="inline">Variant <select value=${variant} onChange=${(/** @type {Event & { currentTarget: HTMLSelectElement }} */ event) => setVariant(event.currentTarget.value)}>
          ${definition.variants.map(({ key }) => html`<option value=${key}>${key}</option>`)}</select></label>
        ${button('promote', 'Promote it', { variant })}`
      }
      ${state === 'promoted' && button('demote', 'Take it out of the default')}
    </p>
    <p role="status">${said}</p>
    ${Object.entries(pausedVariants).map(([key, why]) => html`<p class="note">${key} is paused: ${JSON.stringify(why)}</p>`)}
    ${problem && html`<${ProblemBox} problem=${problem} />`}`;
}
