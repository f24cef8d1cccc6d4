import { html } from 'htm/preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { useLacks } from '../../key-context.js';
import { itemOf } from '../../parts/items.js';
import { Picture } from '../../parts/picture.js';

/** @import { Item, PageItem } from '../../types.ts' */

/**
 * The reason, and on hover or focus what of the person's own history speaks for it.
 * @param {{ item: PageItem }} props
 */
export function Reason({ item }) {
  const { text, source, evidence } = item.explanation;
  const [open, setOpen] = useState(false);
  const id = useId();
  if (evidence.length === 0) return html`<p class="why">${text}</p>`;
  return html`<div class="why" onMouseEnter=${() => setOpen(true)} onMouseLeave=${() => setOpen(false)}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && setOpen(false)}>
    <button type="button" class="reason" aria-expanded=${open} aria-controls=${id}
      onFocus=${() => setOpen(true)} onBlur=${() => setOpen(false)} onClick=${() => setOpen(true)}>${text}</button>
    <div id=${id} class="evidence" hidden=${!open}>
      ${open && html`<${Evidence} item=${item} /><small>reason: ${source}</small>`}
    </div>
  </div>`;
}

/** @param {{ item: PageItem }} props */
function Evidence({ item }) {
  const [found, setFound] = useState(/** @type {(Item | null)[] | null} */ (null));
  const lacks = useLacks('ingest');
  useEffect(() => {
    let gone = false;
    // A history holds both kinds; an id does not say of which it is.
    const other = item.kind === 'image' ? 'model' : 'image';
    const look = async (/** @type {string} */ id) => (await itemOf(item.kind, id)) ?? itemOf(other, id);
    Promise.all(item.explanation.evidence.map(look)).then((items) => gone || setFound(items));
    return () => {
      gone = true;
    };
  }, []);
  if (lacks)
    return html`<p>Evidence: ${item.explanation.evidence.join(', ')}. To see it the key needs the scope ingest.</p>`;
  if (found === null) return html`<p>Looking…</p>`;
  return html`<p>From this person’s own history:</p><div class="strip">${found.map((one, n) =>
    one
      ? html`<figure><${Picture} url=${one.url} title=${one.title || one.id} /><figcaption>${one.title || one.id}</figcaption></figure>`
      : html`<span>${item.explanation.evidence[n]}</span>`,
  )}</div>`;
}
