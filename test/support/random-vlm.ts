import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pythonEnvironment } from '../../scripts/python-env.ts';
import { SIDECAR_ENVIRONMENT, sidecarPython } from '../../scripts/sidecar-env.ts';

const FOLDER = resolve(import.meta.dirname, 'serving');

/** `transformers serve` with a multimodal model of random numbers (test/support/serving/serve.py), ended with the test. */
export async function randomVlm(t: { teardown(close: () => unknown): void }) {
  const more = await pythonEnvironment('serving', join(FOLDER, 'requirements.txt'));
  const home = await mkdtemp(join(tmpdir(), 'hamlet-llava-'));
  const model = join(home, 'llava');
  const port = await freePort();
  const child = spawn(await sidecarPython(), [join(FOLDER, 'serve.py'), model, String(port)], {
    env: {
      ...process.env,
      ...SIDECAR_ENVIRONMENT,
      ...{
        PYTHONPATH: await packagesOf(more),
        HF_HOME: home,
        OMP_NUM_THREADS: '1',
        PYTHONDONTWRITEBYTECODE: '1',
      },
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said = (said + bytes).slice(-4_000);
  });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(home, { recursive: true, force: true });
  });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`transformers serve ended: ${said}`);
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
    if (answer?.ok) return { url: `http://127.0.0.1:${port}/v1`, model };
    await sleep(200);
  }
}

async function packagesOf(python: string): Promise<string> {
  const child = spawn(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return String(line).trim();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
