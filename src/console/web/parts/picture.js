import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

const TRIES = 5;

/**
 * A picture of an item. The demo world draws when it is asked and may be busy: then it is asked again.
 * @param {{ url: string, title: string, size?: 256 | 512, eager?: boolean }} props
 */
export function Picture({ url, title, size = 256, eager = false }) {
  const [tries, setTries] = useState(0);
  const src = shown(url, size);
  if (src === null || tries > TRIES)
    return html`<span class="picture none" role="img" aria-label=${title}>no picture</span>`;
  return html`<img class="picture" key=${tries} src=${src} alt=${title} width=${size} height=${size}
    loading=${eager ? 'eager' : 'lazy'} decoding="async"
    onError=${() => setTimeout(() => setTries((n) => n + 1), 400 * (tries + 1))} />`;
}

/** Only what an item may show: our own pictures, https, and data of images. @param {string} url @param {number} size */
function shown(url, size) {
  if (/^\/pictures\//u.test(url)) return `${url}?size=${size}`;
  return /^(?:\/[^/]|https:|data:image\/)/u.test(url) ? url : null;
}
