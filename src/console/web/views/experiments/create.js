import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { at, call, problemOf } from '../../api.js';
import { useDoing } from '../../parts/doing.js';
import { jsonOf } from '../../parts/json.js';
import { ProblemBox } from '../../parts/states.js';
import { go } from '../../router.js';

const METRICS = [
  'like-rate',
  'ctr',
  'generation-rate',
  'saves',
  'sessions',
  'time-to-first-like',
  'hide-rate',
  'diversity',
  'latency',
];
const OVERRIDES = '{"redundancyCost": 1.2}';

/** The common case as a form: two variants on one metric with one guardrail; all else is for the API. */
export function Create() {
  const [form, setForm] = useState({
    key: '',
    hypothesis: '',
    variant: 'other',
    overrides: OVERRIDES,
    primary: 'like-rate',
    guardrail: 'hide-rate',
    maxHarm: '0.2',
    segment: '',
    minimumEffect: '0.02',
  });
  const { busy, problem, run } = useDoing();
  /** @param {keyof typeof form} name */
  const onto = (name) => (/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) =>
    setForm({ ...form, [name]: event.currentTarget.value });
  /** @param {Event} event */
  const take = (event) => {
    event.preventDefault();
    run(async () => {
      const definition = definitionOf(form);
      await refuseKnown(form.key);
      await call(`/admin/experiments/${at(form.key)}`, { method: 'PUT', body: definition });
      go(`/experiments/${at(form.key)}`);
    }, '');
  };
  const metric = (/** @type {'primary' | 'guardrail'} */ name) =>
    html`<select value=${form[name]} onChange=${onto(name)}>${METRICS.map((one) => html`<option value=${one}>${one}</option>`)}</select>`;
  return html`<div class="bar"><h1>New experiment</h1><a href="/experiments">All experiments</a></div>
    <form class="form panel" onSubmit=${take}>
      <label>Key <input required pattern="[a-z0-9][a-z0-9\\-]{0,62}" title="small letters, digits and hyphens" value=${form.key} onInput=${onto('key')} /></label>
      <label>Other variant, beside the default <input required pattern="[a-z0-9][a-z0-9\\-]{0,62}" title="small letters, digits and hyphens" value=${form.variant} onInput=${onto('variant')} /></label>
      <label class="whole">Hypothesis <textarea required maxlength="2000" rows="2" onInput=${onto('hypothesis')}>${form.hypothesis}</textarea></label>
      <label class="whole">What it overrides, as JSON <textarea required rows="3" onInput=${onto('overrides')}>${form.overrides}</textarea></label>
      <label>Primary metric ${metric('primary')}</label>
      <label>Smallest relative effect that matters <input required type="number" min="0.0001" max="10" step="any" value=${form.minimumEffect} onInput=${onto('minimumEffect')} /></label>
      <label>Guardrail ${metric('guardrail')}</label>
      <label>Harm it tolerates, relative <input required type="number" min="0" max="10" step="any" value=${form.maxHarm} onInput=${onto('maxHarm')} /></label>
      <label>Aimed at <select value=${form.segment} onChange=${onto('segment')}><option value="">everybody</option><option value="new">new people</option><option value="light">people with little history</option><option value="heavy">people with much history</option></select></label>
      <button type="submit" disabled=${busy}>Write it down</button>
    </form>
    ${problem && html`<${ProblemBox} problem=${problem} />`}`;
}

/** Writing over what somebody else wrote is no way to begin. @param {string} key */
async function refuseKnown(key) {
  const known = await call(`/admin/experiments/${at(key)}`).catch((error) => {
    if (problemOf(error).status !== 404) throw error;
    return null;
  });
  if (known !== null) throw new Error(`There is an experiment “${key}” already: take another key.`);
}

/** @param {Record<'hypothesis' | 'variant' | 'overrides' | 'primary' | 'guardrail' | 'maxHarm' | 'segment' | 'minimumEffect', string>} form */
const definitionOf = (form) => ({
  hypothesis: form.hypothesis,
  ...(form.segment && { targeting: { people: { segment: form.segment } } }),
  variants: [
    { key: 'default', weight: 0.5 },
    { key: form.variant, weight: 0.5, overrides: jsonOf(form.overrides, 'What it overrides') },
  ],
  metrics: { primary: form.primary, guardrails: [{ metric: form.guardrail, maxHarm: Number(form.maxHarm) }] },
  minimumEffect: Number(form.minimumEffect),
});
