import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pythonEnvironment } from '../../scripts/python-env.ts';

const FOLDER = resolve(import.meta.dirname, 'qdrant');

export type QdrantServer = {
  url: string;
  /** SIGKILL, as a machine that loses power does it to a process. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port. */
  restart(): Promise<void>;
};

/** A Qdrant server of this test's own, empty, ended with it; see test/support/qdrant/server.py. */
export async function qdrantServer(
  t: { teardown(fn: () => unknown): void },
  options: { apiKey?: string } = {},
): Promise<QdrantServer> {
  const python = await qdrantPython();
  const folder = mkdtempSync(join(tmpdir(), 'hamlet-qdrant-'));
  let child: ChildProcess | undefined;
  let port = '0';

  async function restart(): Promise<void> {
    child = spawn(python, [join(FOLDER, 'server.py'), folder, port], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, API_KEY: options.apiKey ?? '', PYTHONDONTWRITEBYTECODE: '1' },
    });
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('the Qdrant test server ended')));
    ended.catch(() => {});
    const [line] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [Buffer];
    port = new URL(String(line).trim()).port;
  }
  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  t.teardown(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });
  await restart();
  return { url: `http://127.0.0.1:${port}`, kill, restart };
}

/** The Python that has Qdrant's engine and its client. */
export const qdrantPython = () => pythonEnvironment('qdrant', join(FOLDER, 'requirements.txt'));

/** Begins the names of one test's collections: a server that others use too is left as it was. */
export const newPrefix = () => `hamlet-test-${randomUUID().slice(0, 8)}`;
