import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { pythonEnvironment } from '../../scripts/python-env.ts';
import { openApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { newHome } from '../support/own-server.ts';
import { portOf } from '../support/raw-http.ts';

const SUPPORT = resolve(import.meta.dirname, '../support');
const CONFIG = join(SUPPORT, 'schemathesis.toml');
const EXAMPLES = process.env.SCHEMATHESIS_EXAMPLES ?? '15';

t.setTimeout(600_000);
t.test('schemathesis finds no 5xx and no violation of the schema', async (t) => {
  const python = await pythonEnvironment('schemathesis', join(SUPPORT, 'schemathesis-requirements.txt'));
  const folder = t.testdir();
  const {
    http: app,
    keys,
    close,
  } = await openApp(loadConfig({}, { HAMLET_HOME: newHome(t), DEMO_WORLD: 'none' }), silentLog);
  t.teardown(close);
  const { token } = await keys.create('all-scopes', ['serve', 'ingest', 'admin'], 16);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const schema = join(folder, 'openapi.json');
  await writeFile(schema, JSON.stringify(app.swagger()));
  const result = await promisify(execFile)(
    python,
    [
      ...['-m', 'schemathesis.cli', '--config-file', CONFIG, 'run', schema],
      ...['--url', `http://127.0.0.1:${portOf(app)}`],
      ...['--header', `Authorization: Bearer ${token}`],
      ...['--max-examples', EXAMPLES, '--seed', '7', '--workers', '1'],
      ...['--phases', 'examples,coverage,fuzzing,stateful', '--continue-on-failure', '--warnings', 'off'],
      ...['--generation-database', 'none', '--suppress-health-check', 'all'],
    ],
    { cwd: folder, maxBuffer: 1 << 26, env: { ...process.env, NO_COLOR: '1' } },
  ).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      stdout: error.stdout + error.stderr,
    }),
  );
  t.equal(result.code, 0, 'schemathesis found nothing');
  if (result.code !== 0) t.comment(result.stdout.replaceAll('\0', ''));
});
