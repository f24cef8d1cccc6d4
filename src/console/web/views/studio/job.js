import { html } from 'htm/preact';
import { useEffect } from 'preact/hooks';
import { at } from '../../api.js';
import { useEvents } from '../../parts/events.js';

/** @import { Training } from '../../types.ts' */

const isOver = (/** @type {Training} */ { finishedAt }) => finishedAt !== null;

/** Spaces, directions and edits are trainings of the same id: told as they go. @param {{ id: string, title: string, done: () => void }} props */
export function Job({ id, title, done }) {
  const { value, problem } = useEvents(`/admin/trainings/${at(id)}/events`, isOver);
  const job = /** @type {Training | null} */ (value);
  const over = job !== null && isOver(job);
  useEffect(() => {
    if (over) done();
  }, [over]);
  if (problem) return html`<p class="note">${problem.detail}</p>`;
  if (job === null) return html`<p class="from">${title}: looking…</p>`;
  return html`<p class="row">${title} <span class="badge">${job.state}</span> <progress max="1" value=${job.progress} aria-label=${title}></progress>
    ${job.error && html`<span class="note">${job.error.message} <code>${job.error.code}</code></span>`}</p>`;
}
