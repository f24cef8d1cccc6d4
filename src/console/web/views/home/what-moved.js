import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import { at } from '../../api.js';

/** @import { Changes } from './changes.js' */

/** What was done, and what it did to the list: said aloud, too. @param {{ said: string, changes: Changes | null, person: string }} props */
export function WhatMoved({ said, changes, person }) {
  const told = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    // The button that was pressed has gone with its picture: who has only a keyboard goes on from here.
    if (changes && document.activeElement === document.body) told.current?.focus({ preventScroll: true });
  }, [changes]);
  const { counts } = changes ?? {};
  return html`<div class=${changes ? 'moves' : 'moves none'} role="status" aria-live="polite" tabindex="-1" ref=${told}>
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
