import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { SIDECAR, SIDECAR_ENVIRONMENT, sidecarPython } from '../../scripts/sidecar-env.ts';

/** The sidecar's own tests, each counted as one of ours. The first run makes the environment. */
t.setTimeout(1_200_000);

const python = await sidecarPython();

t.test('pytest', async (t) => {
  const ended = await runPytest(t, ['-p', 'report_cases', '-s']);
  t.equal(ended, 0, 'pytest ends well, with tests in it');
});

t.test('ruff finds nothing in the sidecar', async (t) => {
  for (const words of [
    ['check', '.'],
    ['format', '--check', '.'],
  ]) {
    const { code, text } = await run(python, ['-m', 'ruff', ...words]);
    t.equal(code, 0, text.slice(0, 2000));
  }
});

type Case = { name: string; outcome: 'passed' | 'failed' | 'skipped'; text: string };

async function runPytest(t: Test, words: string[]): Promise<number | null> {
  const pytest = start(python, ['-m', 'pytest', ...words]);
  const exit = new Promise<number | null>((ended) => pytest.once('exit', ended));
  for await (const line of createInterface({ input: pytest.stdout })) {
    if (!line.startsWith('@case ')) continue;
    const { name, outcome, text } = JSON.parse(line.slice(6)) as Case;
    if (!t.equal(outcome, 'passed', name)) t.comment(text);
  }
  return exit;
}

async function run(command: string, words: string[]) {
  const child = start(command, words);
  const exit = new Promise<number | null>((ended) => child.once('exit', ended));
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  return { code: await exit, text };
}

function start(command: string, words: string[]) {
  const path = `${SIDECAR_ENVIRONMENT.PYTHONPATH}:${join(SIDECAR, 'tests')}`;
  return spawn(command, words, {
    cwd: SIDECAR,
    env: { ...process.env, ...SIDECAR_ENVIRONMENT, PYTHONPATH: path },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
