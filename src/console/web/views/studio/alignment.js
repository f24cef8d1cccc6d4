import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { call, useAsked } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { Answer, Empty, ProblemBox } from '../../parts/states.js';
import { Aligned } from './aligned.js';
import { alignmentsOf } from './alignments.js';

/** @import { ArtifactList, Asked, TrainingList } from '../../types.ts' */

const SOURCES = ['implicit', 'user', 'crowd', 'hps-min-max', 'both'];

/** Preference pairs, and adapters trained on them (Diffusion-DPO). */
export function Alignment() {
  const asked = /** @type {Asked<TrainingList>} */ (useAsked('/admin/trainings'));
  const models = /** @type {Asked<ArtifactList>} */ (useAsked('/admin/models'));
  const again = () => {
    asked.again();
    models.again();
  };
  const { busy, problem, said, run } = useDoing();
  const train = (/** @type {string} */ pairs) =>
    run(
      () => call('/admin/dpo/trainings', { body: { pairs } }).then(again),
      'A training on these pairs is asked for.',
    );
  return html`<${NewPairs} made=${again} />
    <p class="row"><button type="button" class="danger" disabled=${busy} onClick=${() => run(() => call('/admin/dpo/adapters/rollback', { method: 'POST' }), 'The adapter before is in force.')}>Roll the adapter in force back</button></p>
    <p role="status">${said}</p>${problem && html`<${ProblemBox} problem=${problem} />`}
    <${Answer} asked=${asked} what="pairs and trainings">${(/** @type {TrainingList} */ { trainings }) => {
      if (models.data === null) return html`<${Answer} asked=${models} what="adapters">${() => null}<//>`;
      const ours = alignmentsOf(trainings, models.data.models);
      if (ours.length === 0)
        return html`<${Empty}>No pairs were made yet. It needs a sidecar, and pictures that people liked or passed over.<//>`;
      return html`<ol class="plain">${ours.map((one) => html`<${Aligned} key=${one.id} training=${one} isPairs=${one.isPairs} train=${train} done=${again} />`)}</ol>`;
    }}<//>`;
}

/** @param {{ made: () => void }} props */
function NewPairs({ made }) {
  const [source, setSource] = useState('implicit');
  const [userId, setUser] = useState('');
  const [topic, setTopic] = useState('');
  const { busy, problem, said, run } = useDoing();
  /** @param {Event} event */
  const take = (event) => {
    event.preventDefault();
    const body = { source, ...(userId && { userId }), ...(topic && { topic }) };
    run(() => call('/admin/dpo/pairs', { body }).then(made), 'Pairs are asked for.');
  };
  /** @param {(value: string) => void} set */
  const onto = (set) => (/** @type {Event & { currentTarget: HTMLInputElement }} */ event) =>
    set(event.currentTarget.value);
  return html`<form class="row" onSubmit=${take}>
      <label>What says which is better <select value=${source} onChange=${onto(setSource)}>${SOURCES.map((one) => html`<option value=${one}>${one}</option>`)}</select></label>
      ${source === 'user' && html`<label>Person <input required value=${userId} onInput=${onto(setUser)} /></label>`}
      <label>Only prompts about <input value=${topic} maxlength="200" onInput=${onto(setTopic)} /></label>
      <button type="submit" disabled=${busy}>Make pairs</button></form>
    <p role="status">${said}</p>${problem && html`<${ProblemBox} problem=${problem} />`}`;
}
