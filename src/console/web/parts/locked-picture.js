import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { request } from '../api.js';

/**
 * A picture that only the key may see: fetched with it, since `<img>` sends none.
 * @param {{ path: string, title: string, veiled?: boolean }} props
 */
export function LockedPicture({ path, title, veiled = false }) {
  const [source, setSource] = useState(/** @type {string | null | undefined} */ (undefined));
  useEffect(() => {
    const stop = new AbortController();
    let url = '';
    request(path, { signal: stop.signal })
      .then((answer) => answer.blob())
      .then((blob) => {
        // What is drawn of lines is told by its name: browsers find out the other formats themselves.
        const known = path.endsWith('.svg') ? new Blob([blob], { type: 'image/svg+xml' }) : blob;
        url = URL.createObjectURL(known);
        setSource(url);
      })
      .catch(() => setSource(null));
    return () => {
      stop.abort();
      URL.revokeObjectURL(url);
    };
  }, [path]);
  if (source === undefined) return html`<span class="picture none">…</span>`;
  if (source === null)
    return html`<span class="picture none" role="img" aria-label=${title}>no picture</span>`;
  return html`<img class=${veiled ? 'picture veiled' : 'picture'} src=${source} alt=${title} />`;
}
