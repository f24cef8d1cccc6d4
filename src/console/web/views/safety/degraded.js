import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { request, useAsked } from '../../api.js';
import { Answer, Empty } from '../../parts/states.js';

/** @import { Asked } from '../../types.ts' */
/** @typedef {{ status: string, parts: Record<string, string> }} Ready */

/** Which parts answer, and what lists had to do without since this process started. */
export function Degraded() {
  const ready = /** @type {Asked<Ready>} */ (useAsked('/health/ready'));
  const [counts, setCounts] = useState(
    /** @type {{ stage: string, code: string, count: number }[] | null} */ (null),
  );
  useEffect(() => {
    request('/metrics')
      .then((answer) => answer.text())
      .then(
        (text) => setCounts(degradedIn(text)),
        () => setCounts([]),
      );
  }, []);
  return html`<h2>Parts</h2>
    <${Answer} asked=${ready} what="the parts">${(
      /** @type {Ready} */ { status, parts },
    ) => html`<p>The service is <span class=${`badge ${status === 'ready' ? 'good' : 'warn'}`}>${status}</span></p>
      <ul class="plain">${Object.entries(parts).map(([part, state]) => html`<li>${part} <span class=${`badge ${state === 'up' ? 'good' : 'warn'}`}>${state}</span></li>`)}</ul>`}<//>
    <h2>What lists went without</h2>
    ${counts?.length === 0 && html`<${Empty}>No list had to do without a stage since this process started.<//>`}
    ${
      counts !== null &&
      counts.length > 0 &&
      html`<table><thead><tr><th>Stage</th><th>Why</th><th class="n">Lists</th></tr></thead><tbody>${counts.map(
        ({ stage, code, count }) =>
          html`<tr><td>${stage}</td><td>${code}</td><td class="n">${count}</td></tr>`,
      )}</tbody></table>`
    }`;
}

/** @param {string} text In Prometheus' format. */
const degradedIn = (text) =>
  [...text.matchAll(/^hamlet_degraded_total\{stage="([^"]*)",code="([^"]*)"\} (\d+)/gmu)].map(
    ([, stage = '', code = '', count]) => ({ stage, code, count: Number(count) }),
  );
