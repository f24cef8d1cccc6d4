import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Behaviour } from '../judge/behaviour.ts';

const SCRIPT = resolve(import.meta.dirname, 'judge-until-killed.ts');

/** A judge in a process of its own, to be killed as a machine kills it, and started again on the same port. */
export async function judgeProcess(
  t: { teardown(close: () => unknown): void },
  ways: Partial<Behaviour> = {},
): Promise<{ url: string; kill(): Promise<void>; restart(): Promise<void> }> {
  let child: ChildProcess;
  let url = '';

  async function restart(): Promise<void> {
    const port = url === '' ? 0 : Number(new URL(url).port);
    child = spawn(process.execPath, [SCRIPT, JSON.stringify({ ...ways, port })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])) as [Buffer];
    url = new URL(String(line).trim()).href;
  }
  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await restart();
  t.teardown(kill);
  return { url, kill, restart };
}
