import { html } from 'htm/preact';

const LOOKS = /** @type {Record<string, string>} */ ({ running: 'good', promoted: 'good', paused: 'warn' });

/** @param {{ state: string }} props */
export const StateBadge = ({ state }) => html`<span class=${`badge ${LOOKS[state] ?? ''}`}>${state}</span>`;
