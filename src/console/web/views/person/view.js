import { html } from 'htm/preact';
import { useEffect } from 'preact/hooks';
import { at, useAsked } from '../../api.js';
import { PersonPicker } from '../../parts/person-picker.js';
import { person as remembered } from '../../remembered.js';
import { go } from '../../router.js';
import { HistoryLine } from './history.js';
import { NextList } from './next-list.js';
import { TasteClusters } from './taste.js';

/** @import { Asked, User, ViewProps } from '../../types.ts' */

const PARTS = [
  { name: '', title: 'History', show: HistoryLine },
  { name: 'taste', title: 'Taste', show: TasteClusters },
  { name: 'next', title: 'Next list', show: NextList },
];

/** @param {ViewProps} props */
export default function Person({ parameters: [id = '', part = ''] }) {
  const chosen = PARTS.find(({ name }) => name === part) ?? PARTS[0];
  useEffect(() => remembered.set(id), [id]);
  const suffix = part ? `/${part}` : '';
  return html`<div class="bar">
      <h1>Person</h1>
      <${PersonPicker} person=${id} pick=${(/** @type {string} */ other) => go(`/people/${at(other)}${suffix}`)} />
      <a href=${`/?person=${at(id)}`}>Recommendations</a>
    </div>
    <${About} key=${id} id=${id} />
    <nav class="tabs" aria-label="Of this person">${PARTS.map(
      ({ name, title }) =>
        html`<a href=${`/people/${at(id)}${name && `/${name}`}`} aria-current=${name === part ? 'page' : undefined}>${title}</a>`,
    )}</nav>
    ${chosen && html`<${chosen.show} key=${`${id} ${part}`} id=${id} />`}`;
}

/** @param {{ id: string }} props */
function About({ id }) {
  const { data } = /** @type {Asked<User>} */ (useAsked(`/users/${at(id)}`));
  if (data === null) return null;
  const { events, items, lists } = data.counts;
  const given = Object.entries(data.attributes).map(([name, value]) => `${name}: ${String(value)}`);
  return html`<p class="about"><strong>${data.id}</strong> · ${events} events, ${items} own works, ${lists} lists${
    given.length > 0 ? ` · ${given.join(', ')}` : ''
  }</p>`;
}
