import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { look } from '../remembered.js';

const LOOKS = ['auto', 'light', 'dark'];

export function LookSwitch() {
  const [now, setNow] = useState(look.get());
  const change = () => {
    const next = /** @type {string} */ (LOOKS[(LOOKS.indexOf(now) + 1) % LOOKS.length]);
    look.set(next);
    setNow(next);
  };
  return html`<button type="button" class="quiet" onClick=${change} aria-label=${`Colours: ${now}. Change`}>
    ${{ auto: '◐', light: '☀', dark: '☾' }[now] ?? '◐'}
  </button>`;
}
