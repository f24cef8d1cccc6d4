import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HOME = resolve(import.meta.dirname, '../.hamlet');
const PATIENCE_MS = 20 * 60_000;
const INTERPRETERS = ['python3', 'python3.13', 'python3.12', 'python3.11'];

export type Progress = (fraction: number, note: string) => void;

/**
 * The Python of a virtual environment with exactly what the requirements file pins (by hash), made once
 * under .hamlet/ and used again while the file stays the same. Processes that ask for it at the same time
 * share one making. The file is complete, so nothing is resolved: packages named in `without` stay out.
 * @returns the path of its `python`.
 */
export async function pythonEnvironment(
  name: string,
  requirementsFile: string,
  { without = [], progress = () => {} }: { without?: string[]; progress?: Progress } = {},
): Promise<string> {
  const pinned = leaveOut(await readFile(requirementsFile, 'utf8'), without);
  const digest = createHash('sha256').update(pinned).digest('hex').slice(0, 12);
  const folder = join(HOME, `venv-${name}-${digest}`);
  const python = join(folder, 'bin/python');
  const done = join(folder, 'made');
  const lock = `${folder}.lock`;
  await mkdir(HOME, { recursive: true });
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(500)) {
    if (existsSync(done)) return python;
    if (!(await takeLock(lock))) continue;
    try {
      if (existsSync(done)) return python;
      await rm(folder, { recursive: true, force: true });
      await run(await interpreter(), ['-m', 'venv', folder]);
      const file = join(folder, 'requirements.txt');
      await writeFile(file, pinned);
      await install(python, file, pinned.match(/^[a-z0-9]/gim)?.length ?? 1, progress);
      await writeFile(join(folder, 'making'), '');
      await rename(join(folder, 'making'), done);
      return python;
    } finally {
      await rm(lock, { force: true });
    }
  }
  throw new Error(`${folder} was not made in time; if nobody is making it, remove ${lock}`);
}

/** A requirement is a line and the indented `--hash` lines below it. */
export const leaveOut = (requirements: string, names: string[]): string =>
  requirements
    .split(/^(?=\S)/m)
    .filter((block) => !names.includes(/^[\w.-]*/.exec(block)![0].toLowerCase()))
    .join('');

async function interpreter(): Promise<string> {
  const check = 'import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 11))';
  for (const name of INTERPRETERS)
    if (
      await run(name, ['-c', check]).then(
        () => true,
        () => false,
      )
    )
      return name;
  throw new Error('Python 3.11 or newer with venv is needed (Debian: python3-venv)');
}

/** Files are not compiled beforehand: most of them are never imported. */
async function install(python: string, file: string, packages: number, progress: Progress): Promise<void> {
  const options = ['--no-deps', '--no-compile', '--require-hashes', '--only-binary', ':all:'];
  const pip = spawn(python, ['-m', 'pip', 'install', ...options, '--progress-bar', 'off', '-r', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Read beside the other: a pipe that nobody empties would stop pip.
  let complaint = '';
  pip.stderr.on('data', (chunk) => {
    complaint = (complaint + chunk).slice(-4000);
  });
  let begun = 0;
  for await (const line of createInterface({ input: pip.stdout })) {
    const collecting = /^Collecting (\S+?)[=<>]/.exec(line)?.[1];
    if (collecting) progress((0.7 * ++begun) / packages, collecting);
    else if (line.startsWith('Installing')) progress(0.7, 'unpacking');
  }
  const code = pip.exitCode ?? (await new Promise<number | null>((ended) => pip.once('exit', ended)));
  if (code !== 0) throw new Error(`pip ended with ${code}: ${complaint}`);
  progress(1, '');
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
