import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { call, useAsked } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { useEvents } from '../../parts/events.js';
import { jsonOf } from '../../parts/json.js';
import { moment, shown } from '../../parts/number.js';
import { Answer, Empty, ProblemBox } from '../../parts/states.js';

/** @import { Asked, Training, TrainingList } from '../../types.ts' */

const isOver = (/** @type {Training} */ { finishedAt }) => finishedAt !== null;

/** Trainings on the sidecars, the newest first; what runs is told as it goes. */
export function Jobs() {
  const asked = /** @type {Asked<TrainingList>} */ (useAsked('/admin/trainings'));
  return html`<h2>Jobs</h2>
    <${Start} started=${asked.again} />
    <${Answer} asked=${asked} what="the jobs">${(/** @type {TrainingList} */ { trainings }) =>
      trainings.length === 0
        ? html`<${Empty}>No job was asked for yet.<//>`
        : html`<ol class="plain">${trainings.map((training) => html`<${Job} key=${training.id} listed=${training} />`)}</ol>`}<//>`;
}

/** @param {{ listed: Training }} props */
function Job({ listed }) {
  const path = `/admin/trainings/${listed.id}`;
  const { value } = useEvents(isOver(listed) ? null : `${path}/events`, isOver);
  const { busy, problem, run } = useDoing();
  const now = /** @type {Training} */ (value ?? listed);
  const looks = /** @type {Record<string, string>} */ ({ done: 'good', failed: 'bad', cancelled: 'warn' });
  return html`<li class="panel">
    <p class="row"><b>${now.kind}</b> <span class=${`badge ${looks[now.state] ?? ''}`}>${now.state}</span>
      <progress max="1" value=${now.progress} aria-label=${`${now.kind}, progress`}></progress> ${Math.round(now.progress * 100)} %
      <span class="from">attempt ${now.attempt} · asked ${moment(now.createdAt)}${now.sidecar ? ` · on ${now.sidecar}` : ''}</span>
      ${!isOver(now) && html`<button type="button" class="danger" disabled=${busy || now.cancelRequested} onClick=${() => run(() => call(path, { method: 'DELETE' }), '')}>${now.cancelRequested ? 'Ending…' : 'Cancel'}</button>`}</p>
    ${
      Object.keys(now.metrics).length > 0 &&
      html`<p class="from">${Object.entries(now.metrics)
        .map(([name, figure]) => `${name} ${shown(figure)}`)
        .join(' · ')}</p>`
    }
    ${now.error && html`<p class="note">${now.error.message} <code>${now.error.code}</code></p>`}
    ${now.log.length > 0 && html`<details><summary>What it says</summary><pre>${now.log.join('\n')}</pre></details>`}
    ${problem && html`<${ProblemBox} problem=${problem} />`}
  </li>`;
}

/** @param {{ started: () => void }} props */
function Start({ started }) {
  const [kind, setKind] = useState('train-sasrec');
  const [spec, setSpec] = useState('{"snapshot": "latest"}');
  const { busy, problem, said, run } = useDoing();
  /** @param {Event} event */
  const take = (event) => {
    event.preventDefault();
    run(async () => {
      await call('/admin/trainings', { body: { kind, spec: jsonOf(spec, 'Spec') } });
      started();
    }, `${kind} is asked for.`);
  };
  /** @param {(value: string) => void} set */
  const onto = (set) => (/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) =>
    set(event.currentTarget.value);
  return html`<details><summary>Ask for one</summary><form class="row" onSubmit=${take}>
      <label>Kind <input value=${kind} required maxlength="100" onInput=${onto(setKind)} /></label>
      <label class="wide">Spec, as JSON <textarea required rows="2" onInput=${onto(setSpec)}>${spec}</textarea></label>
      <button type="submit" disabled=${busy}>Ask</button></form></details>
    <p role="status">${said}</p>
    ${problem && html`<${ProblemBox} problem=${problem} />`}`;
}
