import { html } from 'htm/preact';
import { useAsked } from '../../api.js';
import { Answer, Empty } from '../../parts/states.js';

/** @import { Asked, PartStates } from '../../types.ts' */

export function Sidecars() {
  const asked = /** @type {Asked<PartStates>} */ (useAsked('/admin/parts'));
  return html`<h2>Sidecars</h2>
    <${Answer} asked=${asked} what="the sidecars">${(/** @type {PartStates} */ { sidecars }) =>
      sidecars.length === 0
        ? html`<${Empty}>None is configured; what was trained serves without. <code>npm run sidecar</code> starts one, <code>SIDECAR_URL=http://127.0.0.1:8900</code> tells the service.<//>`
        : html`<ul class="plain">${sidecars.map(
            ({
              address,
              health,
              code,
            }) => html`<li class="panel"><p class="row"><b>${address}</b> <span class=${`badge ${health ? 'good' : 'bad'}`}>${health ? 'up' : code}</span></p>
              ${health && html`<p class="from">${health.deviceName} (${health.device}), ${Math.round(health.freeMemoryMB)} MB free · ${health.running} running, ${health.queued} queued · knows ${health.kinds.join(', ')}</p>`}</li>`,
          )}</ul>`}<//>`;
}
