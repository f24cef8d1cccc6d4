import { html } from 'htm/preact';
import { Degraded } from './degraded.js';
import { Drift } from './drift.js';
import { Queue } from './queue.js';
import { Search } from './search.js';

/** @import { ViewProps } from '../../types.ts' */

const PARTS = [
  { name: 'queue', title: 'Waiting for a person', show: Queue },
  { name: 'index', title: 'Vector index', show: Drift },
  { name: 'parts', title: 'Parts', show: Degraded },
  { name: 'search', title: 'Search', show: Search },
];

/** @param {ViewProps} props */
export default function Safety({ place, parameters: [part = ''] }) {
  const chosen = PARTS.find(({ name }) => name === (part || 'queue')) ?? PARTS[0];
  return html`<div class="bar"><h1>Safety</h1></div>
    <nav class="tabs" aria-label="Of safety">${PARTS.map(
      ({ name, title }) =>
        html`<a href=${`/safety/${name}`} aria-current=${name === chosen?.name ? 'page' : undefined}>${title}</a>`,
    )}</nav>
    ${chosen && html`<${chosen.show} key=${chosen.name} place=${place} />`}`;
}
