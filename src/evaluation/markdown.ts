import type { EvaluationReport } from './report.ts';
import { introductionOf, tablesOf } from './tables.ts';

export const markdownOf = (report: EvaluationReport): string =>
  `${[
    `# Evaluation of ${Object.keys(report.recommenders).join(', ')}`,
    ...introductionOf(report),
    ...tablesOf(report).map(({ title, note, head, rows }) =>
      [
        `## ${title}`,
        ...(note === '' ? [] : [note]),
        [head, head.map(() => '---'), ...rows]
          .map((cells) => `| ${cells.map(escaped).join(' | ')} |`)
          .join('\n'),
      ].join('\n\n'),
    ),
  ].join('\n\n')}\n`;

const escaped = (cell: string): string => cell.replaceAll('|', '\\|');
