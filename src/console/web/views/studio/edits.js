import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { at, call, request, useAsked } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { LockedPicture } from '../../parts/locked-picture.js';
import { Answer, Empty, ProblemBox } from '../../parts/states.js';
import { Figures } from './figures.js';
import { Job } from './job.js';

/** @import { Asked, DirectionList, Edit, EditList } from '../../types.ts' */

const FARTHEST = 4;
const PROMPTS = 'a lighthouse on a cliff\na castle on a hill';

/** LoRAs moved by α along a direction: 1 is a standard deviation of what was labelled. @param {{ space: string }} props */
export function Edits({ space }) {
  const asked = /** @type {Asked<EditList>} */ (useAsked('/admin/w2w/edits'));
  return html`<h2>Edits</h2><${NewEdit} space=${space} made=${asked.again} />
    <${Answer} asked=${asked} what="the edits">${(/** @type {EditList} */ { edits }) => {
      const here = edits.filter(({ spaceId }) => spaceId === space);
      if (here.length === 0) return html`<${Empty}>No LoRA was edited in this space yet.<//>`;
      return html`<ul class="plain">${here.map((edit) => html`<${One} key=${edit.id} edit=${edit} done=${asked.again} />`)}</ul>`;
    }}<//>`;
}

/** @param {{ space: string, made: () => void }} props */
function NewEdit({ space, made }) {
  const asked = /** @type {Asked<DirectionList>} */ (useAsked('/admin/w2w/directions'));
  const ready = (asked.data?.directions ?? []).filter(
    ({ spaceId, state }) => spaceId === space && state === 'ready',
  );
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
  if (ready.length === 0)
    return html`<p class="from">Learn a direction first. <button type="button" class="quiet" onClick=${asked.again}>Look again</button></p>`;
  return html`<form class="form" onSubmit=${take}>
      <label>Along <select value=${chosen} onChange=${(/** @type {Event & { currentTarget: HTMLSelectElement }} */ event) => setDirection(event.currentTarget.value)}>${ready.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}</select></label>
      <label>α = ${alpha} <input type="range" min=${-FARTHEST} max=${FARTHEST} step="0.25" value=${alpha} onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => setAlpha(Number(event.currentTarget.value))} /></label>
      <label>From <input required value=${base} onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => setBase(event.currentTarget.value)} /> <small>mean, or the id of a LoRA</small></label>
      <label class="whole">Prompts to draw, one a line <textarea required rows="3" onInput=${(/** @type {InputEvent & { currentTarget: HTMLTextAreaElement }} */ event) => setPrompts(event.currentTarget.value)}>${prompts}</textarea></label>
      <button type="submit" disabled=${busy}>Edit and draw</button></form>
    <p role="status">${said}</p>${problem && html`<${ProblemBox} problem=${problem} />`}`;
}

/** @param {{ edit: Edit, done: () => void }} props */
function One({ edit, done }) {
  const path = `/admin/w2w/edits/${at(edit.id)}`;
  const { busy, problem, run } = useDoing();
  const going = edit.state === 'queued' || edit.state === 'running';
  const save = () =>
    run(async () => {
      const url = URL.createObjectURL(await (await request(`${path}/lora`)).blob());
      const link = document.createElement('a');
      Object.assign(link, { href: url, download: `edit-${edit.id}.safetensors` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    }, '');
  return html`<li class="panel"><p class="row"><b>${edit.createdAt.slice(0, 16)}</b> <span class=${`badge ${edit.state === 'ready' ? 'good' : ''}`}>${edit.state}</span>
      ${edit.state === 'ready' && html`<button type="button" disabled=${busy} onClick=${save}>Download the LoRA</button>`}</p>
    ${going && html`<${Job} id=${edit.id} title="The edit" done=${done} />`}
    ${edit.error && html`<p class="note">${edit.error.message}</p>`}
    ${problem && html`<${ProblemBox} problem=${problem} />`}
    ${edit.state === 'ready' && edit.wish.preview !== undefined && html`<div class="sheet"><${LockedPicture} path=${`${path}/preview`} title="What the edit draws: a row a prompt, a column an α" /></div>`}
    <details><summary>What was wished and found</summary><${Figures} of=${{ wish: edit.wish, result: edit.result }} /></details></li>`;
}
