import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api.js';

/**
 * What is wrong with a part, told once above whatever is looked at; asked again with each view. That nothing answers
 * at all is said by the views.
 * @param {{ path: string }} props
 */
export function Notices({ path }) {
  const [details, setDetails] = useState(/** @type {Record<string, string>} */ ({}));
  useEffect(() => {
    call('/health/ready').then(
      (/** @type {{ details?: Record<string, string> }} */ ready) => setDetails(ready.details ?? {}),
      () => setDetails({}),
    );
  }, [path]);
  const texts = Object.values(details);
  return html`<aside class="notices" aria-label="Notices" hidden=${texts.length === 0}>${texts.map(
    (text) => html`<p role="status">${text}</p>`,
  )}</aside>`;
}
