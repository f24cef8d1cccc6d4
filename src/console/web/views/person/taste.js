import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { at, call, problemOf, useAsked } from '../../api.js';
import { itemOf } from '../../parts/items.js';
import { Picture } from '../../parts/picture.js';
import { Answer, Empty, ProblemBox } from '../../parts/states.js';

/** @import { Asked, Item, Preference, Problem, Taste } from '../../types.ts' */

const WHO = {
  none: 'Nothing is known of this taste yet.',
  attributes: 'Described by what CLIP sees in the liked pictures.',
  vlm: 'Described by a vision-language model.',
  person: 'In the person’s own words, which win over the machine’s.',
};

/** @param {{ id: string }} props */
export function TasteClusters({ id }) {
  const asked = /** @type {Asked<Taste>} */ (useAsked(`/users/${at(id)}/taste`));
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const [said, setSaid] = useState('');
  /** @param {string} method @param {unknown} [body] */
  const put = (method, body) =>
    call(`/users/${at(id)}/taste`, { method, ...(body !== undefined && { body }) }).then(
      () => {
        setProblem(null);
        setSaid(
          method === 'PUT' ? 'Saved: it holds from the next list on.' : 'The machine’s words hold again.',
        );
        asked.again();
      },
      (error) => setProblem(problemOf(error)),
    );
  return html`<p role="status">${said}</p>
    ${problem && html`<${ProblemBox} problem=${problem} />`}
    <${Answer} asked=${asked} what="the taste">${(/** @type {Taste} */ taste) => html`
      <p>${WHO[taste.source]} ${taste.source === 'person' && html`<button type="button" onClick=${() => put('DELETE')}>Give it back to the machine</button>`}</p>
      ${taste.preferences.length === 0 && html`<${Empty}>With a few liked pictures there is something to describe. It is done in the background.<//>`}
      <ol class="tastes">${taste.preferences.map(
        (preference, n) =>
          html`<${Cluster} key=${preference.id + preference.text} preference=${preference} save=${(
            /** @type {Words} */ words,
          ) =>
            put('PUT', {
              preferences: taste.preferences.map(({ text, likes, avoids }, i) =>
                i === n ? words : { text, likes, avoids },
              ),
            })} />`,
      )}</ol>`}<//>`;
}

/** @typedef {{ text: string, likes: string[], avoids: string[] }} Words */

/** @param {{ preference: Preference, save: (words: Words) => void }} props */
function Cluster({ preference, save }) {
  const [text, setText] = useState(preference.text);
  const [likes, setLikes] = useState(preference.likes.join(', '));
  const [avoids, setAvoids] = useState(preference.avoids.join(', '));
  const changed =
    text !== preference.text ||
    likes !== preference.likes.join(', ') ||
    avoids !== preference.avoids.join(', ');
  /** @param {(value: string) => void} set */
  const onto = (set) => (/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) =>
    set(event.currentTarget.value);
  /** @param {Event} event */
  const take = (event) => {
    event.preventDefault();
    save({ text, likes: phrases(likes), avoids: phrases(avoids) });
  };
  return html`<li class="cluster">
    <${Nine} ids=${preference.evidence} />
    <form onSubmit=${take}>
      <label>In words <textarea required maxlength="500" rows="3" onInput=${onto(setText)}>${text}</textarea></label>
      <label>Likes <input value=${likes} onInput=${onto(setLikes)} /></label>
      <label>Avoids <input value=${avoids} onInput=${onto(setAvoids)} /></label>
      <button type="submit" disabled=${!changed}>Save as the person’s own words</button>
    </form>
  </li>`;
}

/** @param {string} text */
const phrases = (text) =>
  text
    .split(',')
    .map((phrase) => phrase.trim())
    .filter(Boolean);

/** The pictures nearest to the middle of a cluster. @param {{ ids: string[] }} props */
function Nine({ ids }) {
  const [items, setItems] = useState(/** @type {(Item | null)[]} */ ([]));
  useEffect(() => {
    let gone = false;
    Promise.all(ids.map((id) => itemOf('image', id))).then((found) => gone || setItems(found));
    return () => {
      gone = true;
    };
  }, [ids.join()]);
  if (ids.length === 0)
    return html`<p class="nine none">The person’s own words: no pictures stand behind them.</p>`;
  return html`<div class="nine">${ids.map((id, n) => html`<${Picture} url=${items[n]?.url ?? ''} title=${items[n]?.title ?? id} key=${`${id} ${items[n]?.url}`} />`)}</div>`;
}
