import { appendFile, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { EvaluationReport, InteractionsReport } from '../evaluation/index.ts';

const FILE = resolve(import.meta.dirname, '../../bench/test-calls.md');

/** Writes down that a trained model was judged on the items kept for the test: each look makes the next less honest. */
export async function writeTestCall(
  report: EvaluationReport | InteractionsReport,
  file = FILE,
): Promise<void> {
  const { dataset, protocol, artifacts } = report;
  if (artifacts === undefined || (protocol.name !== 'leave-one-out' && protocol.name !== 'interactions'))
    return;
  const { k } = protocol;
  const first = protocol.name === 'interactions' ? (`Recall@${k}` as const) : (`HR@${k}` as const);
  const figures = Object.entries(report.recommenders).map(
    ([name, found]) => `${name} ${found[first]!.toFixed(4)}/${found[`NDCG@${k}`]!.toFixed(4)}`,
  );
  const cells = [
    new Date().toISOString().slice(0, 16),
    `${dataset.file} ${dataset.sha256.slice(0, 8)}`,
    artifacts.map(({ kind, version }) => `${kind}-${version}`).join(', '),
    `${first}/NDCG@${k}: ${figures.join(', ')}`,
  ];
  const there = await readFile(file, 'utf8').catch(() => '');
  await appendFile(file, `${there === '' ? HEAD : ''}| ${cells.join(' | ')} |\n`);
}

const HEAD = `# Calls of the test set

Every time a trained model is judged on the last items of a file (\`evaluate --artifact … --protocol leave-one-out\`) or on the test part of a matrix (\`--interactions-test\`), a line is added here. Choices are made on validation, which is not counted.

| UTC | data | artifact | figures |
| --- | --- | --- | --- |
`;
