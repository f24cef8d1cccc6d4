import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { useAsked } from '../../api.js';
import { Chart } from '../../parts/chart.js';
import { percent, shown } from '../../parts/number.js';
import { Answer, Empty } from '../../parts/states.js';

/** @import { Asked } from '../../types.ts' */
/** @import { Plan } from './wire.ts' */

/** What it could see, by the days it runs. @param {{ path: string }} props */
export function Planner({ path }) {
  const [days, setDays] = useState(14);
  const asked = /** @type {Asked<Plan>} */ (useAsked(`${path}/plan?days=${days}`));
  return html`<h2>Power planner</h2>
    <label class="inline">From the lists of the last <select value=${days} onChange=${(/** @type {Event & { currentTarget: HTMLSelectElement }} */ event) => setDays(Number(event.currentTarget.value))}>
      ${[7, 14, 28, 90].map((n) => html`<option value=${n}>${n} days</option>`)}</select></label>
    <${Answer} asked=${asked} what="the plan">${(/** @type {Plan} */ plan) =>
      plan.baseline === null
        ? html`<${Empty}>The default pipeline’s lists of these days were answered by too few people to plan from.<//>`
        : html`<p>${plan.metric} is ${shown(plan.baseline.value)} now, over ${plan.baseline.people} people in ${plan.baseline.days} days, with a deviation of ${shown(plan.baseline.deviation)} a person.
            To see a change of ${percent(plan.minimumEffect)} (α ${plan.alpha}, power ${plan.power}) it needs <b>${plan.peopleNeeded === null ? 'more than can be said' : Math.ceil(plan.peopleNeeded).toLocaleString('en')} people</b>.</p>
          <${Chart} title="Relative effect that could be seen, by days" xLabel="Days" x=${plan.minimumDetectable.map((one) => one.days)}
            lines=${[{ label: 'Minimum detectable effect, %', values: plan.minimumDetectable.map(({ effect }) => effect * 100) }]} />
          <ul class="from">${plan.assumptions.map((one) => html`<li>${one}</li>`)}</ul>`}<//>`;
}
