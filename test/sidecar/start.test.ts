import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { sidecarAt } from '../../src/sidecar/index.ts';

t.setTimeout(1_200_000);
const SCRIPT = resolve(import.meta.dirname, '../../scripts/sidecar.ts');

t.test(
  'npm run sidecar starts a service that this api can talk to, and ends with its terminal',
  async (t) => {
    const child = spawn(process.execPath, [SCRIPT, 'serve', '--port', '0'], {
      env: { ...process.env, HAMLET_HOME: t.testdir(), SIDECAR_TOKEN: 'shared' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => child.kill());
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const url = line.split(' ').at(-1)!;
    t.match(await sidecarAt(url, 'shared').health(), { device: /^(cpu|cuda)$/, running: 0, queued: 0 });
    await t.rejects(sidecarAt(url, 'guessed').health(), { code: 'token-wrong', status: 401 });
    child.kill('SIGTERM');
    t.equal((await once(child, 'exit'))[0], 0);
    await t.rejects(sidecarAt(url, 'shared').health(), { code: 'sidecar-unreachable', status: 503 });
  },
);
