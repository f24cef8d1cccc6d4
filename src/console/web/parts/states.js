import { html } from 'htm/preact';
import { useEffect } from 'preact/hooks';

/** @import { Asked, Children, Problem } from '../types.ts' */

/** @param {{ what: string }} props */
export const Loading = ({ what }) =>
  html`<p class="state loading" role="status"><span class="spinner" aria-hidden="true"></span> Loading ${what}…</p>`;

/** @param {Children} props */
export const Empty = ({ children }) => html`<p class="state empty">${children}</p>`;

/** @type {Record<string, string>} */
const ADVICE = {
  'key-missing': 'This service asks for an API key: put one into the field “Key” above.',
  'key-invalid': 'The key in the field “Key” is unknown or was revoked.',
  'loopback-only': 'Without an API key only the machine itself may ask.',
  'scope-missing': 'Another key may: put one with that scope into the field “Key”.',
  unreachable: 'Is it running? What is shown here is asked for again every few seconds.',
};

/** After so long a service that did not answer is asked again. */
export const AWAY_MS = 3000;

/** @param {{ problem: Problem, again?: () => void }} props */
export function ProblemBox({ problem, again }) {
  useEffect(() => {
    if (problem.code !== 'unreachable' || !again) return;
    const timer = setTimeout(again, AWAY_MS);
    return () => clearTimeout(timer);
  }, [problem]);
  return html`<div class="state problem" role="alert">
    <p><strong>${problem.detail}</strong> <code>${problem.code}</code></p>
    ${ADVICE[problem.code] && html`<p>${ADVICE[problem.code]}</p>`}
    ${again && html`<button type="button" onClick=${again}>Try again</button>`}
  </div>`;
}

/**
 * One of: loading, what went wrong, or what came. Children is a function of the data.
 * @template T
 * @param {{ asked: Asked<T>, what: string, children: (data: T) => unknown }} props
 */
export function Answer({ asked, what, children }) {
  const { data, problem, loading, again } = asked;
  if (problem) return html`<${ProblemBox} problem=${problem} again=${again} />`;
  if (data === null) return loading ? html`<${Loading} what=${what} />` : null;
  return html`<div aria-busy=${loading}>${children(data)}</div>`;
}
