import { html } from 'htm/preact';
import { useEffect } from 'preact/hooks';
import { call, useAsked } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { moment } from '../../parts/number.js';
import { Answer, Empty, ProblemBox } from '../../parts/states.js';

/** @import { Asked, Embeddings, PartStates, WorkList } from '../../types.ts' */

const LOOK_MS = 1000;

/** How far the vector index is from the catalogue, and the two ways to set it right. */
export function Drift() {
  const parts = /** @type {Asked<PartStates>} */ (useAsked('/admin/parts'));
  const tasks = /** @type {Asked<WorkList>} */ (useAsked('/admin/tasks'));
  const embeddings = /** @type {Asked<Embeddings>} */ (useAsked('/admin/embeddings?limit=10'));
  const { busy, problem, said, run } = useDoing();
  const running = tasks.data?.tasks.some(({ state }) => state === 'running') ?? false;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(tasks.again, LOOK_MS);
    return () => clearInterval(timer);
  }, [running]);
  /** @param {string} task @param {string} kind */
  const start = (task, kind) =>
    run(
      () => call(`/admin/${task}?kind=${kind}`, { method: 'POST' }).then(tasks.again),
      `${task} of ${kind} is under way.`,
    );
  return html`<h2>Behind the catalogue</h2>
    <${Answer} asked=${parts} what="the index">${(/** @type {PartStates} */ { outbox }) => html`<table>
      <thead><tr><th>Collection</th><th class="n">Changes to come</th></tr></thead>
      <tbody>${outbox.map(({ collection, versions }) => html`<tr><td>${collection}</td><td class="n">${versions}</td></tr>`)}</tbody></table>`}<//>
    <h2>Drift</h2>
    <p class="row">${['images', 'models'].map(
      (
        kind,
      ) => html`<button type="button" disabled=${busy || running} onClick=${() => start('sweep', kind)}>Compare and repair ${kind}</button>
        <button type="button" disabled=${busy || running} onClick=${() => start('reindex', kind)}>Build anew: ${kind}</button>`,
    )}</p>
    <p role="status">${said}</p>
    ${problem && html`<${ProblemBox} problem=${problem} />`}
    <${Answer} asked=${tasks} what="what was done">${(/** @type {WorkList} */ { tasks: list }) =>
      list.length === 0
        ? html`<${Empty}>Nobody has compared the index with the catalogue since this process started.<//>`
        : html`<table><thead><tr><th>Work</th><th>State</th><th>Progress</th><th>Found</th><th>Began</th></tr></thead><tbody>${list.map(
            (one) => html`<tr><td>${one.task} ${one.kind}</td><td>${one.state} ${one.error ?? ''}</td>
              <td><progress max="1" value=${one.progress} aria-label=${`${one.task} ${one.kind}`}></progress></td>
              <td>${
                Object.entries(one.result ?? {})
                  .map(([name, count]) => `${String(count)} ${name}`)
                  .join(', ') || '–'
              }</td><td>${moment(one.startedAt)}</td></tr>`,
          )}</tbody></table>`}<//>
    <h2>Content vectors</h2>
    <${Answer} asked=${embeddings} what="the vectors">${(
      /** @type {Embeddings} */ told,
    ) => html`<p>${told.vectors.declared} declared, ${told.vectors.measured} measured by ${told.encoder ?? 'no encoder'}, <b>${told.vectors.missing} missing</b>; compared in the space ${told.space}. ${told.problem ?? ''}</p>
      ${told.latest.length > 0 && html`<ul>${told.latest.map(({ kind, id, code, reason }) => html`<li>${kind} ${id}: ${code}, ${reason}</li>`)}</ul>`}`}<//>`;
}
