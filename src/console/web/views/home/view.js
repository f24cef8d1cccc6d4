import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { at, call, problemOf, queryOf, useAsked } from '../../api.js';
import { useLacks } from '../../key-context.js';
import { PersonPicker } from '../../parts/person-picker.js';
import { Empty, Loading, ProblemBox } from '../../parts/states.js';
import { person as remembered } from '../../remembered.js';
import { go } from '../../router.js';
import { Card } from './card.js';
import { changesBetween } from './changes.js';
import { lessOf, moreLike, report } from './steer.js';
import { WhatMoved } from './what-moved.js';

/** @import { Page, PageItem, Problem, UserList, ViewProps } from '../../types.ts' */
/** @import { Changes } from './changes.js' */

/** Pictures that are seen without scrolling come at once, the others when they come near. */
const EAGER = 8;
/** Who is shown to who has not picked anybody, where people cannot be listed. */
const SOMEBODY = 'user-7';

/** @param {ViewProps} props */
export default function Home({ place }) {
  const asked = place.query.get('person') ?? remembered.get();
  const people = useAsked(/** @type {string | null} */ (asked === null ? '/users?limit=1' : null));
  const first = /** @type {UserList | null} */ (people.data)?.users[0]?.id;
  const person = asked ?? first ?? (people.loading ? null : SOMEBODY);
  const kind = place.query.get('kind') === 'models' ? 'models' : 'images';
  /** @param {{ person?: string, kind?: string }} to */
  const show = (to) => go(`/${queryOf({ person: person ?? undefined, kind, ...to })}`);
  return html`<div class="bar">
      <h1>Home</h1>
      <${PersonPicker} person=${person ?? ''} pick=${(/** @type {string} */ id) => show({ person: id })} />
      <fieldset class="switch"><legend class="hidden">Kind</legend>${['images', 'models'].map(
        (one) =>
          html`<label><input type="radio" name="kind" checked=${kind === one} onChange=${() => show({ kind: one })} /> ${one}</label>`,
      )}</fieldset>
      ${person && html`<a href=${`/people/${at(person)}`}>Who is this?</a>`}
    </div>
    ${person === null ? html`<${Loading} what="people" />` : html`<${List} key=${`${person} ${kind}`} person=${person} kind=${kind} />`}`;
}

/** @param {{ person: string, kind: string }} props */
function List({ person, kind }) {
  const [page, setPage] = useState(/** @type {Page | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const [changes, setChanges] = useState(/** @type {Changes | null} */ (null));
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const lacks = useLacks('ingest');

  /** @param {'auto' | 'wait'} rerank @returns {Promise<Page>} */
  const ask = (rerank) =>
    call(`/users/${at(person)}/recommendations${queryOf({ kind, surface: 'console', trace: true, rerank })}`);
  /** @param {() => Promise<void>} work */
  const guard = async (work) => {
    setBusy(true);
    setProblem(null);
    await work().catch((error) => setProblem(problemOf(error)));
    setBusy(false);
  };
  const fresh = () =>
    guard(async () => {
      setPage(await ask('auto'));
      setChanges(null);
      remembered.set(person);
    });
  useEffect(() => void fresh(), []);

  /** @param {{ type: 'like' | 'hide' | 'more' | 'less', item: PageItem, style?: string }} deed */
  const act = ({ type, item, style = '' }) =>
    guard(async () => {
      if (page === null) return;
      const title = item.title || item.id;
      if (type === 'more') await moreLike(person, item);
      else if (type === 'less') await lessOf(person, style);
      else await report(person, page.recommendationId, item, type);
      // Words act through the re-ranker, which is given the time it needs.
      const next = await ask(type === 'more' || type === 'less' ? 'wait' : 'auto');
      setChanges(changesBetween(page, next, { type, item: type === 'less' ? null : item }));
      setPage(next);
      setSaid(
        {
          like: `Liked “${title}”`,
          hide: `Hid “${title}”`,
          more: `More like “${title}”`,
          less: `Less ${style}`,
        }[type],
      );
    });
  const more = () =>
    guard(async () => {
      if (page?.nextCursor == null) return;
      const next = /** @type {Page} */ (
        await call(`/users/${at(person)}/recommendations${queryOf({ cursor: page.nextCursor })}`)
      );
      setPage({ ...page, items: [...page.items, ...next.items], nextCursor: next.nextCursor });
    });

  if (problem && page === null) return html`<${ProblemBox} problem=${problem} again=${fresh} />`;
  if (page === null) return html`<${Loading} what="the list" />`;
  return html`<${WhatMoved} said=${said} changes=${changes} person=${person} />
    ${problem && html`<${ProblemBox} problem=${problem} />`}
    ${page.degraded.length > 0 && html`<p class="note">Without ${page.degraded.map(({ stage, code }) => `${stage} (${code})`).join(', ')}.</p>`}
    ${lacks && html`<p class="note">This key lacks the scope ingest: it may look at lists, not like, hide or steer.</p>`}
    ${page.items.length === 0 && html`<${Empty}>Nothing to recommend: everything there is was seen, hidden or held back.<//>`}
    <ol class="cards" aria-busy=${busy}>${page.items.map(
      (item, n) =>
        html`<${Card} key=${item.id} item=${item} move=${changes?.moves.get(item.id)} busy=${busy || lacks} eager=${n < EAGER} act=${act} />`,
    )}</ol>
    <p class="row">
      ${page.nextCursor !== null && html`<button type="button" onClick=${more} disabled=${busy}>Next page</button>`}
      <button type="button" class="quiet" onClick=${fresh} disabled=${busy}>Ask anew</button>
      <span class="from">variant ${page.variant}${page.versions.rerank ? ` · re-ranked by ${page.versions.rerank}` : ''}</span>
    </p>`;
}
