import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import t from 'tap';
import { newFolder, write } from '../support/imports.ts';
import { newHome } from '../support/own-server.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const home = newHome(t);

function hamlet(args: string[], env: Record<string, string> = {}) {
  const ran = spawnSync(process.execPath, [resolve(ROOT, 'src/cli.ts'), ...args], {
    env: { ...process.env, HAMLET_HOME: home, ...env },
    encoding: 'utf8',
  });
  return { code: ran.status, out: ran.stdout, said: ran.stdout + ran.stderr };
}

t.test('doctor says what is configured, reachable and counted', { timeout: 100_000 }, async (t) => {
  const file = write(
    newFolder(t),
    'world.ndjson',
    [
      '{"kind":"image","id":"a","browsingLevel":1}',
      '{"kind":"image","id":"b"}',
      '{"kind":"model","id":"m","browsingLevel":1}',
      '{"eventId":"e","userId":"ann","itemKind":"image","itemId":"a","type":"like","occurredAt":"2026-01-01T00:00:00Z"}',
    ].join('\n'),
  );
  t.equal(hamlet(['import', 'ndjson', file]).code, 0);
  const { code, out } = hamlet(['doctor', '--json']);
  t.equal(code, 0);
  const diagnosis = JSON.parse(out);
  t.match(diagnosis, {
    database: { configured: 'embedded', reachable: true, version: /^PostgreSQL 18/ },
    vectors: { configured: /embedded|usearch/, reachable: true },
    vlm: { configured: false, reachable: false },
    sidecar: { configured: false, reachable: false },
    versions: { hamlet: String, node: process.versions.node },
  });
  t.same(diagnosis.catalog, { images: 2, models: 1, users: 1, events: 1, heldBack: 1 });
  t.match(hamlet(['doctor']).out, /^catalog +images 2 · models 1/m, 'and without --json as lines');
});

t.test('a database that is away is a finding, and no secret is in it', { timeout: 100_000 }, async (t) => {
  const DATABASE_URL = 'postgres://someone:hunter2@127.0.0.1:1/hamlet';
  const { code, out, said } = hamlet(['doctor', '--json'], { DATABASE_URL });
  t.equal(code, 1);
  t.match(JSON.parse(out), {
    database: { configured: 'DATABASE_URL', reachable: false },
    catalog: { images: null, models: null, users: null, events: null, heldBack: null },
  });
  t.notMatch(said, /hunter2/);
});
