import { html } from 'htm/preact';
import { at, request } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { LockedPicture } from '../../parts/locked-picture.js';
import { ProblemBox } from '../../parts/states.js';

/** What an edit came to: its file to take away, and the grid it draws. @param {{ id: string, drawn: boolean }} props */
export function EditMade({ id, drawn }) {
  const path = `/admin/w2w/edits/${at(id)}`;
  const { busy, problem, run } = useDoing();
  const save = () =>
    run(async () => {
      const url = URL.createObjectURL(await (await request(`${path}/lora`)).blob());
      const link = document.createElement('a');
      Object.assign(link, { href: url, download: `edit-${id}.safetensors` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    }, '');
  return html`<p><button type="button" disabled=${busy} onClick=${save}>Download the LoRA</button></p>
    ${problem && html`<${ProblemBox} problem=${problem} />`}
    ${drawn && html`<div class="sheet"><${LockedPicture} path=${`${path}/preview`} title="What the edit draws: a row a prompt, a column an α" /></div>`}`;
}
