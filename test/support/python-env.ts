import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HOME = resolve(import.meta.dirname, '../../.hamlet');
const PATIENCE_MS = 10 * 60_000;

/**
 * The Python of a virtual environment with exactly what the requirements file pins (by hash), made once
 * under .hamlet/ and used again while the file stays the same. Test files that ask for it at the same time
 * share one making.
 * @returns the path of its `python`.
 */
export async function pythonEnvironment(name: string, requirementsFile: string): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(requirementsFile))
    .digest('hex')
    .slice(0, 12);
  const folder = join(HOME, `venv-${name}-${digest}`);
  const python = join(folder, 'bin/python');
  const done = join(folder, 'made');
  const lock = `${folder}.lock`;
  await mkdir(HOME, { recursive: true });
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(500)) {
    if (existsSync(done)) return python;
    const mine = await takeLock(lock);
    if (!mine) continue;
    try {
      await rm(folder, { recursive: true, force: true });
      await run(process.env.PYTHON ?? 'python3', ['-m', 'venv', folder]);
      await run(python, ['-m', 'pip', 'install', '--quiet', '--require-hashes', '-r', requirementsFile], {
        maxBuffer: 1 << 24,
      });
      await rename(await mark(join(folder, 'making')), done);
      return python;
    } finally {
      await rm(lock, { force: true });
    }
  }
  throw new Error(`${folder} was not made in time; if nobody is making it, remove ${lock}`);
}

/** False when a living process has it. */
async function takeLock(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch {
    const holder = Number(await readFile(file, 'utf8').catch(() => '0'));
    if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function mark(file: string): Promise<string> {
  await (await open(file, 'w')).close();
  return file;
}
