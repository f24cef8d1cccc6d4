import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { at, call, problemOf, queryOf } from '../../api.js';
import { Picture } from '../../parts/picture.js';
import { Empty, Loading, ProblemBox } from '../../parts/states.js';

/** @import { Deed, History, Problem } from '../../types.ts' */

const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'full' });
const TIME = new Intl.DateTimeFormat('en', { timeStyle: 'short' });

/** What a person did, day by day, the latest first. @param {{ id: string }} props */
export function HistoryLine({ id }) {
  const [deeds, setDeeds] = useState(/** @type {Deed[] | null} */ (null));
  const [next, setNext] = useState(/** @type {number | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const [type, setType] = useState('');
  /** @param {number} [before] */
  const load = (before) =>
    call(`/users/${at(id)}/history${queryOf({ before, limit: 60 })}`).then(
      (answer) => {
        const page = /** @type {History} */ (answer);
        setDeeds((known) => [...(known ?? []), ...page.events]);
        setNext(page.next);
        setProblem(null);
      },
      (error) => setProblem(problemOf(error)),
    );
  useEffect(() => void load(), []);
  if (problem) return html`<${ProblemBox} problem=${problem} again=${() => load(deeds?.at(-1)?.seq)} />`;
  if (deeds === null) return html`<${Loading} what="the history" />`;
  if (deeds.length === 0)
    return html`<${Empty}>This person has done nothing yet. Their lists show what is liked by many, and what is new.<//>`;
  const types = [...new Set(deeds.map((deed) => deed.type))].sort();
  const shown = deeds.filter((deed) => type === '' || deed.type === type);
  return html`<p class="row"><label>Show
      <select value=${type} onChange=${(/** @type {Event & { currentTarget: HTMLSelectElement }} */ event) => setType(event.currentTarget.value)}>
        <option value="">everything</option>${types.map((one) => html`<option value=${one}>${one}</option>`)}
      </select></label></p>
    <ol class="days">${[...Map.groupBy(shown, ({ occurredAt }) => DAY.format(new Date(occurredAt)))].map(
      ([day, ofDay]) =>
        html`<li><h2>${day}</h2><ol class="deeds">${ofDay.map((deed) => html`<${One} key=${deed.seq} deed=${deed} />`)}</ol></li>`,
    )}</ol>
    ${next !== null && html`<button type="button" onClick=${() => load(next)}>Earlier</button>`}`;
}

/** @param {{ deed: Deed }} props */
function One({ deed }) {
  const name = deed.title || deed.id;
  return html`<li class=${`deed ${deed.type}`}>
    <${Picture} url=${deed.url} title=${name} />
    <span><b>${deed.type}</b> ${name}</span>
    <small>${TIME.format(new Date(deed.occurredAt))}${deed.position !== null && ` · place ${deed.position + 1}`}</small>
  </li>`;
}
