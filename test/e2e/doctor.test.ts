import t from 'tap';
import { hamlet } from '../support/cli.ts';
import { newFolder, write } from '../support/imports.ts';
import { newHome } from '../support/own-server.ts';

const home = newHome(t);

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
  t.equal(hamlet(home, ['import', 'ndjson', file]).code, 0);
  const { code, out } = hamlet(home, ['doctor', '--json']);
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
  t.match(hamlet(home, ['doctor']).out, /^catalog +images 2 · models 1/m, 'and without --json as lines');
});

t.test('a database that is away is a finding, and no secret is in it', { timeout: 100_000 }, async (t) => {
  const DATABASE_URL = 'postgres://someone:hunter2@127.0.0.1:1/hamlet';
  const { code, out, said } = hamlet(home, ['doctor', '--json'], { DATABASE_URL });
  t.equal(code, 1);
  t.match(JSON.parse(out), {
    database: { configured: 'DATABASE_URL', reachable: false },
    catalog: { images: null, models: null, users: null, events: null, heldBack: null },
  });
  t.notMatch(said, /hunter2/);
});
