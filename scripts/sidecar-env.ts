import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { progressBar } from '../src/cli/output.ts';
import { loadConfig } from '../src/config.ts';
import { pythonEnvironment } from './python-env.ts';

export const SIDECAR = resolve(import.meta.dirname, '../sidecar');
/** The driver's control files: where neither is, no CUDA program can run. */
const CUDA_DEVICES = ['/dev/nvidiactl', '/dev/dxg'];

/**
 * The Python that the sidecar runs on: SIDECAR_PYTHON, or an environment of its own that is made now if it
 * is not there yet. Without an NVIDIA driver it goes without the parts of CUDA that PyTorch starts without.
 */
export async function sidecarPython(): Promise<string> {
  const { SIDECAR_PYTHON } = loadConfig();
  if (SIDECAR_PYTHON !== '') return SIDECAR_PYTHON;
  const bar = progressBar('sidecar environment');
  const without = CUDA_DEVICES.some((file) => existsSync(file)) ? [] : await namesIn('cuda-only.txt');
  const python = await pythonEnvironment('sidecar', join(SIDECAR, 'requirements.txt'), {
    without,
    progress: bar.update,
  });
  bar.stop();
  return python;
}

/**
 * Small models run many times slower when OpenMP's threads spin while they wait for a shared core, and oneDNN keeps
 * a compiled product for each shape: gigabytes where histories have every length (LOG.md).
 */
export const SIDECAR_ENVIRONMENT = {
  ...{ OMP_WAIT_POLICY: 'passive', ONEDNN_PRIMITIVE_CACHE_CAPACITY: '16' },
  ...{ PYTHONPATH: SIDECAR, HF_HUB_OFFLINE: '1' },
  // Each job is a process. What it imports is compiled once, also where the surroundings forbid that or cannot be
  // written to: PyTorch is 7 s of processor time without, 3.9 s with.
  ...{ PYTHONDONTWRITEBYTECODE: '', PYTHONPYCACHEPREFIX: resolve(SIDECAR, '../.hamlet/python-cache') },
};

/** `python -m hamlet_sidecar …` as a process of this one. */
export const startHamletSidecar = async (words: string[]): Promise<ChildProcessWithoutNullStreams> =>
  spawn(await sidecarPython(), ['-m', 'hamlet_sidecar', ...words], {
    env: { ...process.env, ...SIDECAR_ENVIRONMENT },
  });

const namesIn = async (file: string): Promise<string[]> =>
  (await readFile(join(SIDECAR, file), 'utf8')).split('\n').filter((line) => /^\w/.test(line));
