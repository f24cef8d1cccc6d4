import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { call } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { Empty, ProblemBox } from '../../parts/states.js';
import { DirectionFigures } from './direction-figures.js';
import { Job } from './job.js';

/** @import { Direction } from '../../types.ts' */

/**
 * Which way an attribute lies, learned from LoRAs that have it and LoRAs that have not.
 * @param {{ space: string, directions: Direction[], again: () => void }} props
 */
export function Directions({ space, directions, again }) {
  const [by, setBy] = useState('tag');
  const [word, setWord] = useState('');
  const { busy, problem, said, run } = useDoing();
  /** @param {Event} event */
  const learn = (event) => {
    event.preventDefault();
    const labels = by === 'tag' ? { tag: word } : { text: word };
    run(
      () => call('/admin/w2w/directions', { body: { space, name: word, labels } }).then(again),
      `“${word}” is being learned.`,
    );
  };
  return html`<h2>Attributes</h2>
    <form class="row" onSubmit=${learn}>
      <label>Labelled by <select value=${by} onChange=${(/** @type {Event & { currentTarget: HTMLSelectElement }} */ event) => setBy(event.currentTarget.value)}>
        <option value="tag">a tag of the LoRA’s card</option><option value="text">what CLIP sees in its showcases</option></select></label>
      <label>Attribute <input required maxlength="64" value=${word} placeholder="watercolour" onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => setWord(event.currentTarget.value)} /></label>
      <button type="submit" disabled=${busy}>Learn its direction</button></form>
    <p role="status">${said}</p>${problem && html`<${ProblemBox} problem=${problem} />`}
    ${directions.length === 0 && html`<${Empty}>No direction was learned in this space yet.<//>`}
    <ul class="plain">${directions.map(
      (
        one,
      ) => html`<li class="panel" key=${one.id}><b>${one.name}</b> <span class=${`badge ${one.state === 'ready' ? 'good' : ''}`}>${one.state}</span>
          ${(one.state === 'queued' || one.state === 'running') && html`<${Job} id=${one.id} title=${one.name} done=${again} />`}
          ${one.error && html`<p class="note">${one.error.message}</p>`}<${DirectionFigures} result=${one.result} /></li>`,
    )}</ul>`;
}
