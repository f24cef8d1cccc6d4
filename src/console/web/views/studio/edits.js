import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { call, useAsked } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { moment } from '../../parts/number.js';
import { Answer, Empty, ProblemBox } from '../../parts/states.js';
import { EditMade } from './edit-made.js';
import { Figures } from './figures.js';
import { Job } from './job.js';

/** @import { Asked, Direction, Edit, EditList } from '../../types.ts' */

const FARTHEST = 4;
const PROMPTS = 'a lighthouse on a cliff\na castle on a hill';

/**
 * LoRAs moved by α along a direction: 1 is a standard deviation of what was labelled.
 * @param {{ space: string, directions: Direction[] }} props
 */
export function Edits({ space, directions }) {
  const asked = /** @type {Asked<EditList>} */ (useAsked('/admin/w2w/edits'));
  return html`<h2>Edits</h2><${NewEdit} space=${space} directions=${directions} made=${asked.again} />
    <${Answer} asked=${asked} what="the edits">${(/** @type {EditList} */ { edits }) => {
      const here = edits.filter(({ spaceId }) => spaceId === space);
      if (here.length === 0) return html`<${Empty}>No LoRA was edited in this space yet.<//>`;
      return html`<ul class="plain">${here.map((edit) => html`<${One} key=${edit.id} edit=${edit} directions=${directions} done=${asked.again} />`)}</ul>`;
    }}<//>`;
}

/** @param {{ space: string, directions: Direction[], made: () => void }} props */
function NewEdit({ space, directions, made }) {
  const ready = directions.filter(({ state }) => state === 'ready');
  const [direction, setDirection] = useState('');
  const [alpha, setAlpha] = useState(1);
  const [base, setBase] = useState('mean');
  const [prompts, setPrompts] = useState(PROMPTS);
  const { busy, problem, said, run } = useDoing();
  const chosen = direction || ready[0]?.id;
  /** @param {Event} event */
  const take = (event) => {
    event.preventDefault();
    const lines = prompts
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
    const body = { space, base, directions: [{ id: chosen, alpha }], preview: { prompts: lines } };
    run(() => call('/admin/w2w/edits', { body }).then(made), 'It is being edited and drawn.');
  };
  if (ready.length === 0) return html`<p class="from">Learn a direction first.</p>`;
  return html`<form class="form" onSubmit=${take}>
      <label>Along <select value=${chosen} onChange=${(/** @type {Event & { currentTarget: HTMLSelectElement }} */ event) => setDirection(event.currentTarget.value)}>${ready.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}</select></label>
      <label>α = ${alpha} <input type="range" min=${-FARTHEST} max=${FARTHEST} step="0.25" value=${alpha} onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => setAlpha(Number(event.currentTarget.value))} /></label>
      <label>From <input required value=${base} onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => setBase(event.currentTarget.value)} /> <small>mean, or the id of a LoRA</small></label>
      <label class="whole">Prompts to draw, one a line <textarea required rows="3" onInput=${(/** @type {InputEvent & { currentTarget: HTMLTextAreaElement }} */ event) => setPrompts(event.currentTarget.value)}>${prompts}</textarea></label>
      <button type="submit" disabled=${busy}>Edit and draw</button></form>
    <p role="status">${said}</p>${problem && html`<${ProblemBox} problem=${problem} />`}`;
}

/** @param {{ edit: Edit, directions: Direction[], done: () => void }} props */
function One({ edit, directions, done }) {
  const going = edit.state === 'queued' || edit.state === 'running';
  return html`<li class="panel"><p class="row"><b>${titleOf(edit, directions)}</b> <span class="from">${moment(edit.createdAt)}</span> <span class=${`badge ${edit.state === 'ready' ? 'good' : ''}`}>${edit.state}</span></p>
    ${going && html`<${Job} id=${edit.id} title="The edit" done=${done} />`}
    ${edit.error && html`<p class="note">${edit.error.message}</p>`}
    ${edit.state === 'ready' && html`<${EditMade} id=${edit.id} drawn=${edit.wish.preview !== undefined} />`}
    <details><summary>What was wished and found</summary><${Figures} of=${{ wish: edit.wish, result: edit.result }} /></details></li>`;
}

/** “mean, art deco α 2”. @param {Edit} edit @param {Direction[]} known */
function titleOf({ wish }, known) {
  const { base, directions = [] } =
    /** @type {{ base?: string, directions?: { id: string, alpha: number }[] }} */ (wish);
  const along = directions.map(
    ({ id, alpha }) => `${known.find((one) => one.id === id)?.name ?? 'a direction'} α ${alpha}`,
  );
  return [base, ...along].filter(Boolean).join(', ');
}
