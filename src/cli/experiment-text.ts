import type { InterleavingReport, Report } from '../experiments/index.ts';

/** A report as a page of text: the verdict first, then what it rests on. */
export function reportText(report: Report | InterleavingReport): string {
  return report.mode === 'interleaving' ? interleavingText(report) : comparisonText(report);
}

function interleavingText({
  experiment,
  version,
  hypothesis,
  verdict,
  lists,
  assumptions,
}: InterleavingReport): string {
  const { decision, variant, reasons } = verdict;
  return `${[
    `${experiment} (version ${version}, interleaved): ${hypothesis}`,
    `VERDICT: ${decision}${variant === null ? '' : ` ${variant}`}`,
    ...reasons.map((reason) => `  because ${reason}`),
    `  over ${lists} lists`,
    ...['Assumed:', ...assumptions.map((one) => `  ${one}`)],
  ].join('\n')}\n`;
}

function comparisonText(report: Report): string {
  const { experiment, version, state, hypothesis, period, windows, sampleRatio } = report;
  const lines = [`${experiment} (version ${version}, ${state}): ${hypothesis}`, ''];
  for (const { decision, variant, reasons } of report.verdicts) {
    lines.push(`VERDICT${variant === null ? '' : ` on ${variant}`}: ${decision}`);
    for (const reason of reasons) lines.push(`  because ${reason}`);
  }
  lines.push('', `From ${period.from} to ${period.until}`);
  for (const { variants, until, ended } of windows)
    if (windows.length > 1)
      lines.push(`  ${variants.join(', ')}: compared until ${until}, ${ended ?? 'still running'}`);
  for (const { label, seen, bots, crossed } of report.people)
    lines.push(`  ${label}: ${seen} people${left(bots, 'bots')}${left(crossed, 'in two variants')}`);
  lines.push(`  split: p = ${short(sampleRatio.p)}${sampleRatio.mismatch ? ', broken' : ', as planned'}`);
  const { early, late, foreign } = report.lostEvents;
  lines.push(`  events not counted: ${early} before their list, ${late} too late, ${foreign} by others`, '');
  for (const { metric, role, variant, cuped, plain, adjustedP } of report.metrics) {
    const [low, high] = cuped.sequential.interval;
    lines.push(
      `${metric} (${role}), ${variant}: ${short(plain.control)} → ${short(plain.value)}${share(plain.relative?.value)}`,
      `  difference with history taken into account ${short(cuped.difference)}, at any look ${short(low)} to ${short(high)}, at one look ${short(cuped.fixed.interval[0])} to ${short(cuped.fixed.interval[1])}${adjustedP === null ? '' : `, p = ${short(adjustedP)} (Holm)`}`,
    );
  }
  for (const { metric, variant, harm, maxHarm, state: now } of report.guardrails)
    lines.push(
      `guardrail ${metric}, ${variant}: harm ${percent(harm)} of ${percent(maxHarm)} tolerated, ${now}`,
    );
  if (report.exploratory.length > 0) lines.push('', 'Exploratory, no reasons for a verdict:');
  for (const { segment, group, variant, people, difference, adjustedP } of report.exploratory)
    lines.push(
      `  ${segment}: ${group} (${people.join(' and ')} people), ${variant}: difference ${short(difference)}, p = ${short(adjustedP)} (Benjamini–Hochberg)`,
    );
  lines.push('', 'Assumed:', ...report.assumptions.map((one) => `  ${one}`));
  if (report.snapshot)
    lines.push('', `Data: HAMLET_HOME/artifacts/experiments/${experiment}/${report.snapshot.digest}`);
  return `${lines.join('\n')}\n`;
}

const short = (value: number): string => Number(value.toPrecision(3)).toString();
const percent = (value: number): string => `${short(100 * value)} %`;
const share = (value: number | undefined): string =>
  value === undefined ? '' : ` (${value < 0 ? '' : '+'}${percent(value)})`;
const left = (count: number, what: string): string => (count === 0 ? '' : `, ${count} ${what} left out`);
