import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { call, problemOf, queryOf } from '../../api.js';
import { Picture } from '../../parts/picture.js';
import { Empty, Loading, ProblemBox } from '../../parts/states.js';
import { go } from '../../router.js';

/** @import { ItemList, Place, Problem } from '../../types.ts' */

/** @param {{ place: Place }} props */
export function Search({ place }) {
  const asked = place.query.get('text') ?? '';
  const [text, setText] = useState(asked);
  const [list, setList] = useState(/** @type {ItemList | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  useEffect(() => {
    setText(asked);
    setList(null);
    setProblem(null);
    if (asked === '') return;
    let gone = false;
    call('/search', { body: { text: asked, limit: 30 } }).then(
      (found) => gone || setList(/** @type {ItemList} */ (found)),
      (error) => gone || setProblem(problemOf(error)),
    );
    return () => {
      gone = true;
    };
  }, [asked]);
  /** @param {Event} event */
  const take = (event) => {
    event.preventDefault();
    if (text.trim()) go(`/safety/search${queryOf({ text: text.trim() })}`);
  };
  return html`<form class="row" onSubmit=${take}>
      <label>What is to be seen <input type="search" value=${text} required maxlength="1000" placeholder="watercolour harbour at dusk"
        onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => setText(event.currentTarget.value)} /></label>
      <button type="submit">Search</button></form>
    ${problem && html`<${ProblemBox} problem=${problem} />`}
    ${asked && !list && !problem && html`<${Loading} what="what fits" />`}
    ${list?.items.length === 0 && html`<${Empty}>Nothing fits that may be shown.<//>`}
    <ol class="deeds found">${list?.items.map(
      (item) =>
        html`<li class="deed"><${Picture} url=${item.url} title=${item.title || item.id} /><span>${item.title || item.id}</span><small>${item.score.toFixed(3)}</small></li>`,
    )}</ol>`;
}
