import { html } from 'htm/preact';
import { Weights } from './weights.js';

/** @import { ViewProps } from '../../types.ts' */

/** @param {ViewProps} props */
export default function Studio({ place }) {
  return html`<div class="bar"><h1>Studio</h1><span class="from">The generator itself, moved towards an attribute or a person’s taste.</span></div>
    <${Weights} place=${place} />`;
}
