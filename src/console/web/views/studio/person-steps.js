import { html } from 'htm/preact';
import { EditMade } from './edit-made.js';

/** @import { Personalization } from '../../types.ts' */

/**
 * @typedef {{ pairs: number, clip: number, vlm: number | null, attributes: number }} Wins
 * @typedef {{
 *   taste?: { source: string, fallback: string | null, preferences: { id: string, text: string, pictures: number }[] },
 *   labels?: Record<string, { positives: string[] }>,
 *   directions?: Record<string, { error: string | null }>,
 *   edits?: Record<string, { edit: string, alpha: number, error: string | null }>,
 *   verdict?: Record<string, Wins>,
 * }} Steps
 */

/** The steps in their order, as they are told while they go on. @type {[name: keyof Steps, words: string][]} */
const ORDER = [
  ['taste', 'What is liked, in words'],
  ['labels', 'LoRAs that do it'],
  ['directions', 'Directions in the space'],
  ['edits', 'LoRAs moved along them'],
  ['verdict', 'Pictures compared'],
];
/** What reruns would not mend, by the code it has. @type {Record<string, string>} */
const WHY = {
  'direction-not-found': 'No direction tells LoRAs that do this from the others better than chance.',
  cancelled: 'It was cancelled.',
};

/** What was found and made for each taste of a person, as far as it is. @param {{ of: Personalization }} props */
export function PersonSteps({ of }) {
  const steps = /** @type {Steps} */ (/** @type {unknown} */ (of.steps));
  const now = ORDER.find(([name]) => !(name in steps))?.[0];
  const over = of.finishedAt !== null;
  return html`<ol class="steps">${ORDER.map(
    ([name, words]) =>
      html`<li key=${name} aria-current=${!over && name === now ? 'step' : undefined}>${words} <span class="from">${name in steps ? 'done' : over ? 'not reached' : name === now ? 'going on' : ''}</span></li>`,
  )}</ol>
    ${steps.taste?.fallback && html`<p class="from">Tastes by template: ${steps.taste.fallback}.</p>`}
    ${steps.taste?.preferences.map((taste) => html`<${Taste} key=${taste.id} taste=${taste} steps=${steps} />`)}`;
}

/** @param {{ taste: { id: string, text: string, pictures: number }, steps: Steps }} props */
function Taste({ taste: { id, text, pictures }, steps }) {
  const loras = steps.labels?.[id]?.positives;
  const edit = steps.edits?.[id];
  const error = steps.directions?.[id]?.error ?? edit?.error;
  const wins = steps.verdict?.[id];
  return html`<section class="taste"><h3>${text}</h3>
    <dl class="pairs">
      <dt>liked pictures behind it</dt><dd>${pictures}</dd>
      ${loras && html`<dt>LoRAs that do it</dt><dd>${loras.length === 0 ? 'none' : loras.join(', ')}</dd>`}
      ${edit && !error && html`<dt>moved by</dt><dd>α ${edit.alpha}, from the mean of all LoRAs</dd>`}
      ${wins && html`<dt>suits the taste better than without</dt><dd>${sentence(wins)}</dd>`}
    </dl>
    ${error && html`<p class="note">${WHY[error] ?? 'It could not be made.'} <code>${error}</code></p>`}
    ${edit && !error && html`<${EditMade} id=${edit.edit} drawn=${true} />`}</section>`;
}

/** @param {Wins} wins */
const sentence = ({ pairs, clip, attributes, vlm }) =>
  [
    `${clip} of ${pairs} pictures by CLIP`,
    `${attributes} by the taste’s own words`,
    ...(vlm === null ? [] : [`${vlm} by the vision-language model`]),
  ].join(', ');
