import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');

/** Runs a `hamlet` command to its end in a folder of its own. */
export function hamlet(home: string, args: string[], env: Record<string, string> = {}) {
  const ran = spawnSync(process.execPath, [CLI, ...args], {
    env: { ...process.env, HAMLET_HOME: home, ...env },
    encoding: 'utf8',
  });
  return { code: ran.status, out: ran.stdout, said: ran.stdout + ran.stderr };
}

/** The same, while this process goes on answering what the command asks of it. */
export async function hamletBeside(home: string, args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, HAMLET_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, said: out + err };
}
