import { html } from 'htm/preact';
import { at, call } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { LockedPicture } from '../../parts/locked-picture.js';
import { moment } from '../../parts/number.js';
import { ProblemBox } from '../../parts/states.js';
import { Figures } from './figures.js';
import { Job } from './job.js';
import { Verdict } from './verdict.js';

/** @import { Alignment } from './alignments.js' */

/** Of pairs their sheet; of an adapter its curves, the grid before and after, and the verdict. @type {Record<string, [file: string, title: string][]>} */
const SHEETS = {
  pairs: [['contact-sheet.png', 'Pairs: what was preferred, above what was not']],
  adapter: [
    ['curves.svg', 'Curves of the training'],
    ['before-after.png', 'The same prompts and seeds before and after'],
  ],
};
const ADAPTER = 'dpo-adapter-';

/** @param {{ training: Alignment, isPairs: boolean, train: (pairs: string) => void, done: () => void }} props */
export function Aligned({ training, isPairs, train, done }) {
  const { busy, problem, said, run } = useDoing();
  const artifact = typeof training.result?.artifact === 'string' ? training.result.artifact : null;
  const publish = (/** @type {string} */ name) =>
    run(
      () => call(`/admin/dpo/adapters/${at(name.slice(ADAPTER.length))}/publish`, { method: 'POST' }),
      'It is in force.',
    );
  return html`<li class="panel"><p class="row"><b>${isPairs ? 'Pairs' : 'Adapter'}</b> ${moment(training.createdAt)} <span class=${`badge ${training.state === 'done' ? 'good' : ''}`}>${training.state}</span>
      ${artifact && isPairs && html`<button type="button" onClick=${() => train(artifact)}>Train on these</button>`}
      ${artifact?.startsWith(ADAPTER) && html`<button type="button" disabled=${busy} onClick=${() => publish(artifact)}>Publish</button>`}</p>
    <p role="status">${said}</p>${problem && html`<${ProblemBox} problem=${problem} />`}
    ${training.finishedAt === null && html`<${Job} id=${training.id} title=${isPairs ? 'Pairs' : 'Training'} done=${done} />`}
    ${training.error && html`<p class="note">${training.error.message} <code>${training.error.code}</code></p>`}
    ${!isPairs && training.result?.verdict != null && html`<h3>Verdict</h3><${Verdict} of=${training.result.verdict} />`}
    ${
      artifact &&
      html`<details><summary>Pictures and curves</summary>${SHEETS[isPairs ? 'pairs' : 'adapter']?.map(
        ([file, title]) =>
          html`<figure class="sheet"><figcaption>${title}</figcaption><${LockedPicture} path=${`/admin/dpo/artifacts/${at(artifact)}/${file}`} title=${title} /></figure>`,
      )}</details>`
    }
    <details><summary>All it found</summary><${Figures} of=${training.result} /></details></li>`;
}
