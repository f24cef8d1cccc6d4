import { html } from 'htm/preact';
import { useAsked } from '../../api.js';
import { Chart } from '../../parts/chart.js';
import { Interval, scaleOf } from '../../parts/interval.js';
import { percent, shown } from '../../parts/number.js';
import { Answer, Empty } from '../../parts/states.js';

/** @import { Asked } from '../../types.ts' */
/** @import { Report } from './wire.ts' */

const LOOKS = /** @type {Record<string, string>} */ ({
  better: 'good',
  worse: 'bad',
  harmful: 'bad',
  blocked: 'bad',
  'too early': 'warn',
});

/** What it shows so far: the verdict first, then all it rests on. @param {{ path: string, state: string }} props */
export function ReportOf({ path }) {
  const asked = /** @type {Asked<Report>} */ (useAsked(`${path}/report`));
  return html`<h2>What it shows so far</h2><${Answer} asked=${asked} what="the report">${(
    /** @type {Report} */ report,
  ) =>
    report.mode === 'ab'
      ? html`<button type="button" class="quiet" onClick=${asked.again}>Ask anew</button>
        <${Verdicts} report=${report} /><${People} report=${report} /><${Metrics} report=${report} />
        <${Guardrails} report=${report} /><${OverTime} report=${report} /><${Segments} report=${report} />
        <details><summary>What it assumes</summary><ul>${report.assumptions.map((one) => html`<li>${one}</li>`)}</ul></details>`
      : html`<pre>${JSON.stringify(report, null, 2)}</pre>`}<//>`;
}

/** @typedef {{ report: Report }} Props */

/** @param {Props} props */
const Verdicts = ({ report }) =>
  report.verdicts.map(
    ({
      decision,
      variant,
      reasons,
    }) => html`<div class="panel"><h3>${variant ?? 'Whole'}: <span class=${`badge ${LOOKS[decision] ?? ''}`}>${decision}</span></h3>
      <ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul></div>`,
  );

/** @param {Props} props */
function People({ report }) {
  const { sampleRatio, people } = report;
  return html`<h3>People, and whether the split is as planned</h3>
    <p><span class=${`badge ${sampleRatio.mismatch ? 'bad' : 'good'}`}>${sampleRatio.mismatch ? 'sample ratio mismatch' : 'split as planned'}</span> p = ${shown(sampleRatio.p)}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="People"><table><thead><tr><th>Variant</th><th class="n">Seen</th><th class="n">Counted</th><th class="n">Expected</th><th class="n">Bots</th><th class="n">In two</th></tr></thead>
    <tbody>${people.map(
      ({ label, seen, kept, bots, crossed }, n) =>
        html`<tr><td>${label}</td><td class="n">${seen}</td><td class="n">${kept}</td><td class="n">${shown(sampleRatio.expected[n])}</td><td class="n">${bots}</td><td class="n">${crossed}</td></tr>`,
    )}</tbody></table></div>`;
}

/** @param {Props} props */
const Metrics = ({ report }) => html`<h3>Metrics against the control</h3>
  <div class="scroll" tabindex="0" role="region" aria-label="Metrics"><table><thead><tr><th>Metric</th><th>Variant</th><th class="n">Control</th><th class="n">Variant</th><th>Difference, always-valid interval</th><th class="n">Fixed p</th><th class="n">Could see</th></tr></thead>
  <tbody>${report.metrics.map(({ metric, role, better, variant, cuped, minimumDetectable }) => {
    const { interval, excludesZero } = cuped.sequential;
    const good = better === 'higher' ? cuped.difference > 0 : cuped.difference < 0;
    return html`<tr><td>${metric} <small>${role}, ${better} is better</small></td><td>${variant}</td><td class="n">${shown(cuped.control)}</td><td class="n">${shown(cuped.value)}</td>
      <td><${Interval} value=${cuped.difference} interval=${interval} scale=${scaleOf([interval])} /> <small>${shown(cuped.difference)} (${shown(interval[0])} to ${shown(interval[1])}) ${excludesZero && html`<span class=${`badge ${good ? 'good' : 'bad'}`}>${good ? 'better' : 'worse'}</span>`}</small></td>
      <td class="n">${shown(cuped.fixed.p)}</td><td class="n">${minimumDetectable === null ? '–' : percent(minimumDetectable)}</td></tr>`;
  })}</tbody></table></div>`;

/** @param {Props} props */
const Guardrails = ({ report }) =>
  report.guardrails.length > 0 &&
  html`<h3>Guardrails</h3><div class="scroll" tabindex="0" role="region" aria-label="Guardrails"><table><thead><tr><th>Metric</th><th>Variant</th><th>State</th><th class="n">Harm so far</th><th class="n">At least</th><th class="n">Tolerated</th></tr></thead>
    <tbody>${report.guardrails.map(
      ({
        metric,
        variant,
        state,
        harm,
        leastHarm,
        maxHarm,
      }) => html`<tr><td>${metric}</td><td>${variant}</td><td><span class=${`badge ${state === 'breached' ? 'bad' : state === 'watched' ? 'good' : 'warn'}`}>${state}</span></td>
        <td class="n">${percent(harm)}</td><td class="n">${percent(leastHarm)}</td><td class="n">${percent(maxHarm)}</td></tr>`,
    )}</tbody></table></div>`;

/** @param {Props} props */
function OverTime({ report }) {
  if (report.overTime.length === 0)
    return html`<${Empty}>The first day is not over yet: intervals over time begin with it.<//>`;
  const days = [...new Set(report.overTime.map(({ day }) => day))].sort();
  const lines = [...Map.groupBy(report.overTime, ({ variant }) => variant)].map(([label, results]) => {
    const on = days.map((day) => results.find((result) => result.day === day)?.soFar);
    return {
      label,
      values: on.map((soFar) => soFar?.difference ?? null),
      low: on.map((soFar) => soFar?.sequence[0] ?? null),
      high: on.map((soFar) => soFar?.sequence[1] ?? null),
    };
  });
  return html`<${Chart} title="Difference on the primary metric so far, with its always-valid interval" xLabel="Day" time=${true} zero=${true}
    x=${days.map((day) => Date.parse(day) / 1000)} lines=${lines} />`;
}

/** @param {Props} props */
const Segments = ({ report }) =>
  report.exploratory.length > 0 &&
  html`<h3>By segment: ideas, never reasons</h3><div class="scroll" tabindex="0" role="region" aria-label="Segments"><table><thead><tr><th>Segment</th><th>Variant</th><th class="n">People</th><th>Difference</th><th class="n">Adjusted p</th></tr></thead>
    <tbody>${report.exploratory.map(
      ({
        segment,
        group,
        variant,
        people,
        difference,
        interval,
        adjustedP,
      }) => html`<tr><td>${segment}: ${group}</td><td>${variant}</td><td class="n">${people.join(' and ')}</td>
        <td><${Interval} value=${difference} interval=${interval} scale=${scaleOf(report.exploratory.map((one) => one.interval))} /> <small>${shown(difference)} (${shown(interval[0])} to ${shown(interval[1])})</small></td><td class="n">${shown(adjustedP)}</td></tr>`,
    )}</tbody></table></div>`;
