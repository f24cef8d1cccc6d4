import { html } from 'htm/preact';
import { at } from '../../api.js';

/** @import { Changes } from './changes.js' */

/** What was done, and what it did to the list: said aloud, too. @param {{ said: string, changes: Changes | null, person: string }} props */
export function WhatMoved({ said, changes, person }) {
  const { counts } = changes ?? {};
  return html`<div class=${changes ? 'moves' : 'moves none'} role="status" aria-live="polite">
    ${
      counts &&
      html`<p><strong>${said}.</strong> ${counts.new} new, ${counts.up} up, ${counts.down} down, ${counts.gone} gone.${' '}
      <a href=${`/people/${at(person)}/next`}>How the list comes about</a></p>`
    }
    ${
      changes &&
      changes.gone.length > 0 &&
      html`<details><summary>What is gone, and why</summary><ul>${changes.gone.map(
        ({ item, why }) => html`<li>“${item.title || item.id}”: ${why}</li>`,
      )}</ul></details>`
    }
  </div>`;
}
