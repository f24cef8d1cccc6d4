import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HamletError } from '../src/errors.ts';
import { SIDECAR_ENVIRONMENT, sidecarPython } from './sidecar-env.ts';
import { WEIGHTS } from './world-check.ts';

export type ReportSizes = { pairs?: number; pictures?: number; steps?: number; ablationPairs?: number };

/**
 * Every figure of weights2weights on the demo world's zoo. `work` keeps partial results: the same call goes on.
 * @throws HamletError `sidecar-environment`, `w2w-report-failed` (500)
 */
export async function w2wReport(work: string, sizes: ReportSizes): Promise<unknown> {
  await mkdir(work, { recursive: true });
  const [world, out] = [join(work, 'world.json'), join(work, 'report.json')];
  await writeFile(world, JSON.stringify(await w2wWorld(config, log, users)));
  const python = await sidecarPython();
  const words = ['--weights', WEIGHTS, '--world', world, '--work', work, '--out', out];
  const child = spawn(
    python,
    ['-m', 'hamlet_sidecar', 'w2w-report', ...words, '--sizes', JSON.stringify(sizes)],
    { env: { ...process.env, ...SIDECAR_ENVIRONMENT }, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new HamletError('w2w-report-failed', 500, `the sidecar ended with ${code}`);
  return JSON.parse(await readFile(out, 'utf8'));
}
