import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');
const hasJq = spawnSync('jq', ['--version']).status === 0;
/** `npx hamlet` without npx; curl that fails on an error and comes again to a busy machine. */
const PRELUDE = `
npx() { shift; '${process.execPath}' '${CLI}' "$@"; }
curl() { command curl --fail-with-body --retry 20 --retry-delay 1 "$@"; }
${hasJq ? '' : 'jq() { cat; }'}`;

/** The commands of a page's shell blocks: a line each, or several that a quote or a backslash holds together. */
export function commandsOf(page: string): string[] {
  const commands: string[] = [];
  for (const [, block] of page.matchAll(/^```sh\n(.*?)^```/gms)) {
    let open = '';
    for (const line of block!.trimEnd().split('\n')) {
      open += open === '' ? line : `\n${line}`;
      if (open.endsWith('\\') || open.split("'").length % 2 === 0) continue;
      commands.push(open);
      open = '';
    }
  }
  return commands;
}

export async function runCommand(command: string, cwd: string, env: Record<string, string>) {
  const began = performance.now();
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', `${PRELUDE}\n${command}`], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  shell.stdout.on('data', (chunk) => {
    out += chunk;
  });
  shell.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = (await once(shell, 'close')) as [number | null];
  return { code, out, said: out + err, seconds: (performance.now() - began) / 1000 };
}
