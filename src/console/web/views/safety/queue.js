import { html } from 'htm/preact';
import { queryOf, useAsked } from '../../api.js';
import { Answer, Empty } from '../../parts/states.js';
import { Case } from './case.js';

/** @import { Asked, ModerationQueue, Place } from '../../types.ts' */

const STATES = ['held', 'disputed', 'reported', 'blocked'];

/** @param {{ place: Place }} props */
export function Queue({ place }) {
  const state = place.query.get('state') ?? undefined;
  const after = place.query.get('after') ?? undefined;
  const asked = /** @type {Asked<ModerationQueue>} */ (
    useAsked(`/admin/moderation${queryOf({ state, after, limit: 12 })}`)
  );
  return html`<p class="row">${[undefined, ...STATES].map(
    (one) =>
      html`<a class="badge" href=${`/safety/queue${queryOf({ state: one })}`} aria-current=${one === state ? 'true' : undefined}>${one ?? 'all'}</a>`,
  )}</p>
    <${Answer} asked=${asked} what="what waits">${(/** @type {ModerationQueue} */ { items, next }) => html`
      ${items.length === 0 && html`<${Empty}>Nothing waits: everything there is has a level that is known.<//>`}
      <ol class="cases">${items.map((item) => html`<${Case} key=${`${item.kind}:${item.id}`} item=${item} />`)}</ol>
      ${next !== null && html`<a href=${`/safety/queue${queryOf({ state, after: next })}`}>Next page</a>`}`}<//>`;
}
