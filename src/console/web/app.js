import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { problemOf } from './api.js';
import { KeyContext, useRights } from './key-context.js';
import { Boundary } from './parts/boundary.js';
import { KeyField } from './parts/key-field.js';
import { LookSwitch } from './parts/look-switch.js';
import { closeMenus } from './parts/menus.js';
import { Notices } from './parts/notices.js';
import { Loading, ProblemBox } from './parts/states.js';
import { look, person } from './remembered.js';
import { followLinks, usePlace } from './router.js';
import { VIEWS, viewAt } from './views.js';

/** @import { Place, Problem, View } from './types.ts' */

look.apply();
closeMenus();
followLinks((path) => viewAt(path) !== null);

export function App() {
  const place = usePlace();
  const holder = useRights();
  const main = useRef(/** @type {HTMLElement | null} */ (null));
  const nav = useRef(/** @type {HTMLElement | null} */ (null));
  const first = useRef(true);
  useEffect(() => {
    // A reader of screens hears where it is; on the first page the browser says so itself.
    if (!first.current) main.current?.focus();
    first.current = false;
    // On a phone the row of views is longer than the screen.
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    scrollTo(0, 0);
  }, [place.path]);
  return html`<${KeyContext.Provider} value=${holder}>
    <a class="skip" href="#main">Skip to the content</a>
    <header class="top">
      <a class="brand" href="/"><img src="/console/icon.svg" alt="" width="24" height="24" /> Hamlet</a>
      <nav aria-label="Views" ref=${nav}>${VIEWS.map(
        (view) => html`<a
          href=${view.href === '/people/' ? `/people/${encodeURIComponent(person.get() ?? 'user-7')}` : view.href}
          aria-current=${view.path.test(place.path) ? 'page' : undefined}
        >${view.name}</a>`,
      )}<a href="/docs">API</a></nav>
      <div class="tools"><${KeyField} /><${LookSwitch} /></div>
    </header>
    <${Notices} path=${place.path} />
    <main id="main" tabindex="-1" ref=${main}><${Shown} place=${place} key=${viewAt(place.path)?.view.name} /></main>
  <//>`;
}

/** @param {{ place: Place }} props */
function Shown({ place }) {
  const found = viewAt(place.path);
  const [loaded, setLoaded] = useState(/** @type {View | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  useEffect(() => {
    document.title = `${found?.view.name ?? 'Not found'} · Hamlet`;
    found?.view.load().then(setLoaded, (error) => setProblem(problemOf(error)));
  }, []);
  if (!found) return html`<h1>Not found</h1><p>There is no such view. <a href="/">Home</a></p>`;
  if (problem)
    return html`<h1>${found.view.name}</h1><${ProblemBox} problem=${problem} again=${() => location.reload()} />`;
  if (!loaded) return html`<h1>${found.view.name}</h1><${Loading} what="the view" />`;
  return html`<${Boundary} at=${place.path}><${loaded.default} place=${place} parameters=${found.parameters} /><//>`;
}
