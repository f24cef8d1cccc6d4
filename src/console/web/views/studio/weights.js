import { html } from 'htm/preact';
import { call, queryOf, useAsked } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { Answer, Empty, ProblemBox } from '../../parts/states.js';
import { go } from '../../router.js';
import { Directions } from './directions.js';
import { Edits } from './edits.js';
import { ForPerson } from './for-person.js';
import { Job } from './job.js';

/** @import { Asked, DirectionList, Place, SpaceList } from '../../types.ts' */

/** A space of LoRA weights, directions in it, and LoRAs moved along them. @param {{ place: Place }} props */
export function Weights({ place }) {
  const asked = /** @type {Asked<SpaceList>} */ (useAsked('/admin/w2w/spaces'));
  const { busy, problem, said, run } = useDoing();
  const build = () =>
    run(
      () => call('/admin/w2w/spaces', { body: { method: 'svd' } }).then(asked.again),
      'A space was begun. It is among the others below.',
    );
  return html`<p role="status">${said}</p>${problem && html`<${ProblemBox} problem=${problem} />`}
    <${Answer} asked=${asked} what="the spaces">${(/** @type {SpaceList} */ { spaces }) => {
      const chosen =
        place.query.get('space') ?? spaces.find(({ state }) => state === 'ready')?.id ?? spaces[0]?.id;
      const space = spaces.find(({ id }) => id === chosen);
      return html`<p class="row">
          ${
            spaces.length > 0 &&
            html`<label>Space of weights <select value=${chosen} onChange=${(/** @type {Event & { currentTarget: HTMLSelectElement }} */ event) => go(`/studio${queryOf({ space: event.currentTarget.value })}`)}>
            ${spaces.map(({ id, state, members, createdAt }) => html`<option value=${id}>${createdAt.slice(0, 16)}, ${members} LoRAs, ${state}</option>`)}</select></label>`
          }
          <button type="button" disabled=${busy} onClick=${build}>Build a space of every LoRA that may be in one</button></p>
        ${!space && html`<${Empty}>No space was built yet. It needs a sidecar, and LoRAs with files.<//>`}
        ${space && space.state !== 'ready' && html`<${Job} key=${space.id} id=${space.id} title="The space" done=${asked.again} />`}
        ${space?.error && html`<p class="note">${space.error.message}</p>`}
        ${space?.stale && html`<p class="note">Stale since ${space.stale.since}: a LoRA in it lost the right to be. It makes no new edits.</p>`}
        ${space?.state === 'ready' && html`<${Within} key=${space.id} place=${place} space=${space.id} />`}`;
    }}<//>`;
}

/** What can be done in a space; a direction may be moved along as soon as it is learned. @param {{ place: Place, space: string }} props */
function Within({ place, space }) {
  const asked = /** @type {Asked<DirectionList>} */ (useAsked('/admin/w2w/directions'));
  return html`<${Answer} asked=${asked} what="the directions">${(/** @type {DirectionList} */ told) => {
    const directions = told.directions.filter(({ spaceId }) => spaceId === space);
    return html`<${Directions} space=${space} directions=${directions} again=${asked.again} /><${ForPerson} place=${place} space=${space} /><${Edits} space=${space} directions=${directions} />`;
  }}<//>`;
}
