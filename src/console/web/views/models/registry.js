import { html } from 'htm/preact';
import { at, call, useAsked } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { moment, shown } from '../../parts/number.js';
import { Answer, Empty, ProblemBox } from '../../parts/states.js';

/** @import { Artifact, ArtifactList, Asked } from '../../types.ts' */

const LOOKS = /** @type {Record<string, string>} */ ({ active: 'good', candidate: 'warn', rejected: 'bad' });

/** What was trained, what of it serves, and the way forth and back. */
export function Registry() {
  const asked = /** @type {Asked<ArtifactList>} */ (useAsked('/admin/models'));
  const { busy, problem, said, run } = useDoing();
  /** @param {string} path @param {string} done */
  const act = (path, done) => run(() => call(path, { method: 'POST' }).then(asked.again), done);
  return html`<h2>Registry</h2>
    <p role="status">${said}</p>
    ${problem && html`<${ProblemBox} problem=${problem} />`}
    <${Answer} asked=${asked} what="the registry">${(/** @type {ArtifactList} */ { models }) =>
      models.length === 0
        ? html`<${Empty}>Nothing was trained yet: <code>npx hamlet train item-graph</code> is a beginning.<//>`
        : [...Map.groupBy(models, ({ kind }) => kind)].map(
            ([kind, versions]) => html`<section class="panel"><div class="head"><h3>${kind}</h3>
              ${versions.some(({ state }) => state === 'active') && html`<button type="button" class="danger" disabled=${busy} onClick=${() => act(`/admin/models/${at(kind)}/rollback`, `${kind}: the version before is in force.`)}>Roll back<span class="hidden"> ${kind}</span></button>`}</div>
              <div class="scroll" tabindex="0" role="region" aria-label=${kind}><table><thead><tr><th>Version</th><th>State</th><th>Made</th><th>In force since</th><th>Figures</th><th></th></tr></thead>
              <tbody>${versions.map(
                (
                  version,
                ) => html`<tr><td>${version.version}</td><td><span class=${`badge ${LOOKS[version.state] ?? ''}`}>${version.state}</span></td>
                  <td>${moment(version.createdAt)}</td><td>${moment(version.promotedAt)}</td><td>${figuresOf(version)}</td>
                  <td>${version.state !== 'active' && html`<button type="button" disabled=${busy} onClick=${() => act(`/admin/models/${at(kind)}/${at(version.version)}/promote`, `${kind} ${version.version} is in force.`)}>Promote<span class="hidden"> ${kind} ${version.version}</span></button>`}</td></tr>`,
              )}</tbody></table></div></section>`,
          )}<//>`;
}

/** @param {Artifact} artifact */
const figuresOf = ({ metrics }) =>
  Object.entries(metrics)
    .filter(([, value]) => typeof value === 'number')
    .map(([name, value]) => `${name} ${shown(Number(value))}`)
    .join(', ') || '–';
