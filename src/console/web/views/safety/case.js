import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { at, call } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { LockedPicture } from '../../parts/locked-picture.js';
import { moment, shown } from '../../parts/number.js';
import { ProblemBox } from '../../parts/states.js';

/** @import { ModerationCase } from '../../types.ts' */

const LEVELS = /** @type {const} */ ([
  [1, 'PG'],
  [2, 'PG13'],
  [4, 'R'],
  [8, 'X'],
  [16, 'XXX'],
  [32, 'blocked'],
]);
const NAME = /** @type {Record<number, string>} */ ({ 0: 'held', ...Object.fromEntries(LEVELS) });

/** An item with what speaks for and against it, and the moderator's last word. @param {{ item: ModerationCase }} props */
export function Case({ item }) {
  const { busy, problem, said, run } = useDoing();
  const [bare, setBare] = useState(false);
  const [note, setNote] = useState('');
  const [level, setLevel] = useState(String(item.declaredLevel ?? 1));
  const title = item.title || item.id;
  const path = `/admin/moderation/${item.kind}/${at(item.id)}`;
  /** @param {Event} event */
  const decide = (event) => {
    event.preventDefault();
    const body = { level: Number(level), review: item.review, ...(note && { note }) };
    run(
      () => call(path, { method: 'PUT', body }),
      `Decided: ${NAME[Number(level)]}. It acts on the next request.`,
    );
  };
  return html`<li class="case">
    <div><${LockedPicture} path=${`${path}/picture`} title=${title} veiled=${!bare} />
      <button type="button" class="quiet" aria-pressed=${bare} onClick=${() => setBare(!bare)}>${bare ? 'Veil' : 'Look'}<span class="hidden"> at ${title}</span></button></div>
    <div>
      <h2>${title} <span class="badge bad">${item.state}</span></h2>
      <p class="from">${item.kind} ${item.id} · by ${item.creatorId ?? 'nobody known'} · since ${moment(item.since)} · in force: ${NAME[item.level] ?? item.level}</p>
      <dl class="pairs">
        <dt>why</dt><dd>${item.reasons.join(', ') || '–'}</dd>
        <dt>declared</dt><dd>${item.declaredLevel === null ? 'nothing' : NAME[item.declaredLevel]} (${item.source})</dd>
        <dt>words</dt><dd>${item.toxicity === null ? 'not scored' : `${shown(item.toxicity)} by ${item.toxicitySource}`}</dd>
        ${item.evidence && html`<dt>pixels</dt><dd>${evidenceIn(item.evidence)}</dd>`}
        ${item.fault && html`<dt>fault</dt><dd>${JSON.stringify(item.fault)}</dd>`}
        ${item.reports.length > 0 && html`<dt>reports</dt><dd>${item.reports.map((report) => String(report.reason ?? 'other')).join(', ')}</dd>`}
        <dt>prompt</dt><dd>${item.prompt || '–'}</dd>
      </dl>
      ${
        said
          ? html`<p class="moves" role="status">${said}</p>`
          : html`<form class="row" onSubmit=${decide}>
            <label>May be shown up to <select value=${level} onChange=${(/** @type {Event & { currentTarget: HTMLSelectElement }} */ event) => setLevel(event.currentTarget.value)}>
              ${LEVELS.map(([value, name]) => html`<option value=${value}>${name}</option>`)}</select></label>
            <label>Note <input value=${note} maxlength="2000" onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => setNote(event.currentTarget.value)} /></label>
            <button type="submit" disabled=${busy}>Decide<span class="hidden"> on ${title}</span></button>
          </form>`
      }
      ${problem && html`<${ProblemBox} problem=${problem} />`}
    </div>
  </li>`;
}

/** Scores by classifier and class, the highest first. @param {object} evidence */
const evidenceIn = (evidence) =>
  Object.entries(evidence)
    .map(([name, told]) => `${name}: ${typeof told === 'object' ? scoresIn(told) : String(told)}`)
    .join(' · ');

/** @param {object | null} told */
const scoresIn = (told) =>
  Object.entries(told ?? {})
    .sort(([, a], [, b]) => Number(b) - Number(a))
    .map(([name, score]) => `${name} ${typeof score === 'number' ? shown(score) : JSON.stringify(score)}`)
    .join(', ');
