import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { EvaluationReport } from './report.ts';

/** What is published with the project stands beside what was measured here. */
const SHIPPED = resolve(import.meta.dirname, '../../bench/results/evaluate-ml-1m.json');
const FOLDER = 'evaluations';
const SHOWN = 100;

export type KeptReport = { id: string; measured: string } & Omit<EvaluationReport, 'machine'>;

/** Under the home, so that the console can put runs side by side. */
export async function keepReport(home: string, report: EvaluationReport): Promise<void> {
  const measured = new Date().toISOString();
  const folder = join(home, FOLDER);
  await mkdir(folder, { recursive: true });
  const name = `${measured.replaceAll(':', '-')}-${basename(report.dataset.file).replaceAll(' ', '-')}.json`;
  await writeFile(join(folder, name), JSON.stringify({ measured, ...report }));
}

/** Reports of runs on files of sequences, the newest first. What is no such report is passed over. */
export async function keptReports(home: string): Promise<KeptReport[]> {
  const folder = join(home, FOLDER);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  const paths = [...names.map((name) => join(folder, name)), SHIPPED];
  const read = await Promise.all(paths.map((path) => readReport(path).catch(() => null)));
  return read
    .filter((report) => report !== null)
    .sort((a, b) => b.measured.localeCompare(a.measured))
    .slice(0, SHOWN);
}

async function readReport(path: string): Promise<KeptReport | null> {
  const { measured, dataset, protocol, recommenders, artifacts } = JSON.parse(await readFile(path, 'utf8'));
  if (typeof measured !== 'string' || !dataset?.file || !protocol?.k || !recommenders) return null;
  const id = basename(path, '.json');
  return { id, measured, dataset, protocol, recommenders, ...(artifacts && { artifacts }) };
}
