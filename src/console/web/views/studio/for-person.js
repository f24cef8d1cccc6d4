import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { at, call, queryOf, useAsked } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { PersonPicker } from '../../parts/person-picker.js';
import { Answer, ProblemBox } from '../../parts/states.js';
import { person as remembered } from '../../remembered.js';
import { go } from '../../router.js';
import { PersonSteps } from './person-steps.js';

/** @import { Asked, Personalization, PersonalizationList, Place } from '../../types.ts' */

const LOOK_MS = 2000;

/** From a person's likes to LoRAs of their own, step by step. @param {{ place: Place, space: string }} props */
export function ForPerson({ place, space }) {
  const id = place.query.get('personalization');
  const [person] = useState(remembered.get() ?? '');
  const { busy, problem, run } = useDoing();
  const begin = (/** @type {string} */ userId) =>
    run(async () => {
      const begun = /** @type {Personalization} */ (
        await call('/admin/w2w/personalizations', { body: { userId, space } })
      );
      go(`/studio${queryOf({ space, personalization: begun.id })}`);
    }, '');
  return html`<h2>A person</h2>
    <div aria-busy=${busy}><${PersonPicker} person=${person} pick=${begin} action="Make LoRAs of this taste" /></div>
    ${problem && html`<${ProblemBox} problem=${problem} />`}
    ${id && html`<${Steps} key=${id} id=${id} />`}<${Earlier} space=${space} shown=${id} />`;
}

/** What was made for people in this space before. @param {{ space: string, shown: string | null }} props */
function Earlier({ space, shown }) {
  const asked = /** @type {Asked<PersonalizationList>} */ (useAsked('/admin/w2w/personalizations'));
  useEffect(() => {
    if (shown) asked.again();
  }, [shown]);
  return html`<${Answer} asked=${asked} what="the personalizations">${(
    /** @type {PersonalizationList} */ { personalizations },
  ) => {
    const here = personalizations.filter(({ id, spaceId }) => spaceId === space && id !== shown);
    return html`<ul class="plain">${here.map(
      ({ id, userId, state, createdAt }) =>
        html`<li key=${id} class="row"><a href=${`/studio${queryOf({ space, personalization: id })}`}>${userId}</a> <span class="badge">${state}</span> <span class="from">${createdAt.slice(0, 16)}</span></li>`,
    )}</ul>`;
  }}<//>`;
}

/** @param {{ id: string }} props */
function Steps({ id }) {
  const asked = /** @type {Asked<Personalization>} */ (useAsked(`/admin/w2w/personalizations/${at(id)}`));
  const going = asked.data !== null && asked.data.finishedAt === null;
  useEffect(() => {
    if (!going) return;
    const timer = setInterval(asked.again, LOOK_MS);
    return () => clearInterval(timer);
  }, [going]);
  return html`<${Answer} asked=${asked} what="the steps">${(
    /** @type {Personalization} */ told,
  ) => html`<div class="panel">
    <p class="row"><b>${told.userId}</b> <span class="badge">${told.state}</span> <progress max="1" value=${told.progress} aria-label="Progress"></progress></p>
    ${told.error && html`<p class="note">${told.error.message} <code>${told.error.code}</code></p>`}<${PersonSteps} of=${told} /></div>`}<//>`;
}
