import { html } from 'htm/preact';
import { Alignment } from './alignment.js';
import { Weights } from './weights.js';

/** @import { ViewProps } from '../../types.ts' */

/** @param {ViewProps} props */
export default function Studio({ place, parameters: [part = ''] }) {
  const dpo = part === 'dpo';
  return html`<div class="bar"><h1>Studio</h1><span class="from">The generator itself, moved towards an attribute, a person’s taste, or what is liked.</span></div>
    <nav class="tabs" aria-label="Of the studio">
      <a href="/studio" aria-current=${dpo ? undefined : 'page'}>Weights (W2W)</a><a href="/studio/dpo" aria-current=${dpo ? 'page' : undefined}>Preference (DPO)</a>
    </nav>
    ${dpo ? html`<${Alignment} />` : html`<${Weights} place=${place} />`}`;
}
