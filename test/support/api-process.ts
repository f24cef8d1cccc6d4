import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** Runs a `hamlet` command in a folder of its own and waits for its end; answers seconds and peak memory. */
export async function runHamlet(
  home: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ seconds: number; peakMB: number }> {
  const started = performance.now();
  const child = spawn(process.execPath, [resolve(ROOT, 'src/cli.ts'), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env, HAMLET_HOME: home },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakMB = 0;
  const watch = setInterval(async () => {
    peakMB = Math.max(peakMB, (await residentMB(child).catch(() => null))?.peak ?? 0);
  }, 200);
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  clearInterval(watch);
  if (code !== 0) throw new Error(`hamlet ${args[0]} ended with ${code}`);
  return { seconds: (performance.now() - started) / 1000, peakMB };
}

export type ApiProcess = { url: string; child: ChildProcess; stop(): Promise<void> };

/** Starts the api on a free port and waits until it is ready. */
export async function startApi(home: string, env: NodeJS.ProcessEnv = {}, root = ROOT): Promise<ApiProcess> {
  const child = spawn(process.execPath, [resolve(root, 'src/cli.ts'), 'serve'], {
    cwd: root,
    // Beside other tests a process waits for its turn longer than anybody would wait for it in earnest.
    env: {
      ...process.env,
      HAMLET_HOME: home,
      PORT: '0',
      LOG_LEVEL: 'info',
      MAX_LOOP_DELAY_MS: '60000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((found, failed) => {
    let seen = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      seen = (seen + chunk).slice(-20_000);
      const address = /"address":"([^"]+)"[^\n]*hamlet serves/.exec(seen)?.[1];
      if (address) found(address);
    });
    child.once('exit', (code) => failed(new Error(`the api ended with ${code}\n${seen.slice(-2000)}`)));
  });
  return {
    url,
    child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await new Promise((done) => child.once('exit', done));
    },
  };
}

/** Resident memory of a process now and at its peak, in MB (Linux). */
export async function residentMB(child: Pick<ChildProcess, 'pid'>): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
  return { now: Math.round(field('VmRSS')), peak: Math.round(field('VmHWM')) };
}
