import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, totalmem } from 'node:os';

/** What a figure was measured on: stands in every results file, never the host's name. */
export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  os: `${platform()} ${arch()}`,
  node: process.versions.node,
});

/** Writes bench/results/NAME.json: the figures, the machine, the day. */
export async function writeResults(name: string, figures: object): Promise<void> {
  const folder = new URL('./results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const body = { measured: new Date().toISOString().slice(0, 10), machine: machine(), ...figures };
  await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(body, null, 2)}\n`);
}

/** What was last written under that name. */
export async function resultsOf(name: string): Promise<object | undefined> {
  try {
    return JSON.parse(await readFile(new URL(`./results/${name}.json`, import.meta.url), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
