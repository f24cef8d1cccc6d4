import { html } from 'htm/preact';
import { useContext, useState } from 'preact/hooks';
import { key } from '../api.js';
import { KeyContext } from '../key-context.js';

const LEVELS = /** @type {Record<number, string>} */ ({ 1: 'PG', 2: 'PG13', 4: 'R', 8: 'X', 16: 'XXX' });

/** Where the API key goes, and what it may do. */
export function KeyField() {
  const { rights, problem } = useContext(KeyContext);
  const [token, setToken] = useState(key.get());
  /** @param {Event} event */
  const take = (event) => {
    event.preventDefault();
    key.set(token.trim());
    // Whatever is on the page was answered to the key before.
    location.reload();
  };
  const may = rights
    ? `${rights.scopes.join(', ') || 'nothing'} · up to ${LEVELS[rights.maxLevel] ?? 'no level'}`
    : (problem?.code ?? '…');
  return html`<details class="key">
    <summary>Key <span class=${problem ? 'may bad' : 'may'}>${may}</span></summary>
    <form onSubmit=${take}>
      <label>API key, if there is one
        <input type="password" autocomplete="off" value=${token}
          onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => setToken(event.currentTarget.value)} />
      </label>
      <button type="submit">Use it</button>
      <p>It stays in this tab. ${rights && `This one may: ${may}.`}</p>
    </form>
  </details>`;
}
