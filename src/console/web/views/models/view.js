import { html } from 'htm/preact';
import { Jobs } from './jobs.js';
import { Registry } from './registry.js';
import { Sidecars } from './sidecars.js';

export default function Models() {
  return html`<div class="bar"><h1>Models and jobs</h1></div>
    <${Registry} /><${Jobs} /><${Sidecars} />`;
}
