import type { EvaluationReport } from './report.ts';
import { type Bar, introductionOf, type Plot, plotsOf, type Table, tablesOf } from './tables.ts';

/** One page that holds all it needs: no script, no request to anybody. */
export function pageOf(report: EvaluationReport): string {
  const title = `Evaluation of ${Object.keys(report.recommenders).join(', ')}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(title)}</h1>
${introductionOf(report)
  .map((text) => `<p>${escaped(text)}</p>`)
  .join('\n')}
<div class="plots">${plotsOf(report).map(drawn).join('\n')}</div>
${tablesOf(report).map(table).join('\n')}
</body></html>
`;
}

const STYLE = `
body{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
table{border-collapse:collapse;margin:.5rem 0 1.5rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .75rem;border-bottom:1px solid #d8dee6;text-align:left;white-space:nowrap}
section{overflow-x:auto}.plots{display:flex;flex-wrap:wrap;gap:1.5rem}figure{margin:0}
svg text{font:12px system-ui,sans-serif;fill:#1c2430}.line{stroke:#2f6f9f;stroke-width:2}.dot{fill:#2f6f9f}.axis{stroke:#9aa5b1}
@media(prefers-color-scheme:dark){body{color:#e4e9ef;background:#151a20}th,td{border-color:#333c47}svg text{fill:#e4e9ef}}`;

const table = ({ title, note, head, rows }: Table): string => `<section><h2>${escaped(title)}</h2>
${note === '' ? '' : `<p>${escaped(note)}</p>`}<table><thead><tr>${head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join('')}</tr></thead>
<tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`).join('\n')}</tbody></table></section>`;

const [LEFT, WIDTH, ROW] = [150, 240, 22];

/** A dot and its interval for each recommender, all from nought on one scale. */
function drawn({ title, bars }: Plot): string {
  const most = Math.max(...bars.map(({ interval: [, high] }) => high)) || 1;
  const x = (value: number) => (LEFT + (WIDTH * value) / most).toFixed(1);
  const row = ({ name, value, interval: [low, high] }: Bar, n: number) => {
    const y = (n + 0.5) * ROW;
    return `<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${escaped(name)}</text>
<line class="line" x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}"/><circle class="dot" cx="${x(value)}" cy="${y}" r="4"><title>${escaped(name)} ${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]</title></circle>`;
  };
  const bottom = bars.length * ROW;
  return `<figure><figcaption>${escaped(title)}</figcaption><svg role="img" aria-label="${escaped(title)}" width="${LEFT + WIDTH + 40}" height="${bottom + 20}">
<line class="axis" x1="${LEFT}" x2="${LEFT}" y1="0" y2="${bottom}"/>${bars.map(row).join('\n')}
<text x="${LEFT}" y="${bottom + 15}">0</text><text x="${LEFT + WIDTH}" y="${bottom + 15}" text-anchor="end">${most.toFixed(4)}</text></svg></figure>`;
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/gu, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);
