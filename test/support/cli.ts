import { spawnSync } from 'node:child_process';
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
