import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TSchema, Type } from 'typebox';
import { SIDECAR, SIDECAR_ENVIRONMENT, sidecarPython } from '../../scripts/sidecar-env.ts';

/** The kinds of sidecar/tests/jobs_for_tests.py. */
export const TEST_KINDS: Record<string, TSchema> = Object.fromEntries(
  ['count', 'stubborn', 'fall', 'exhaust', 'make_artifact', 'read_file', 'statistics', 'export_model'].map(
    (kind) => [kind, Type.Object({}, { additionalProperties: true })],
  ),
);

export type SidecarProcess = {
  url: string;
  child: ChildProcess;
  kill(signal?: NodeJS.Signals): Promise<void>;
};

/** The real service, with jobs that exist to be tested on unless others are named, over the artifacts of a home. */
export async function startSidecar(
  t: { teardown(fn: () => unknown): void },
  home: string,
  { port = 0, token = '', jobs = 'jobs_for_tests' } = {},
): Promise<SidecarProcess> {
  const words = ['serve', '--port', String(port), '--artifacts', join(home, 'artifacts')];
  const child = spawn(await sidecarPython(), ['-m', 'hamlet_sidecar', ...words, '--registry', jobs], {
    env: {
      ...process.env,
      ...SIDECAR_ENVIRONMENT,
      PYTHONPATH: `${SIDECAR}:${join(SIDECAR, 'tests')}`,
      SIDECAR_TOKEN: token,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  t.teardown(() => kill('SIGTERM'));
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the sidecar ended with ${code} before it listened`);
  });
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [
    string,
  ];
  ended.catch(() => {});
  return { url: line.split(' ').at(-1)!, child, kill };
}

/** The processes that have worked on a job of `count` or `make_artifact`, in order. */
export const processesOf = (home: string, id: string): number[] =>
  readFileSync(join(home, 'artifacts/checkpoints', id, 'processes'), 'utf8')
    .trim()
    .split('\n')
    .map(Number);
