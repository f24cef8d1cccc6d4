import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { inspectDatabase } from '../../src/db/index.ts';
import { silentLog } from '../../src/log.ts';
import { hamletBeside } from '../support/cli.ts';
import { newFolder, write } from '../support/imports.ts';
import { newHome, open } from '../support/own-server.ts';

const home = newHome(t);
const world = [
  '{"kind":"image","id":"a","browsingLevel":1}',
  '{"kind":"image","id":"b"}',
  '{"kind":"model","id":"m","browsingLevel":1}',
  '{"eventId":"e","userId":"ann","itemKind":"image","itemId":"a","type":"like","occurredAt":"2026-01-01T00:00:00Z"}',
];
type Found = { next: { part: string; found: string; next: string; broken: boolean }[] };

async function doctor(env: Record<string, string> = {}) {
  const { code, out, said } = await hamletBeside(home, ['doctor', '--json'], env);
  return { code, said, told: JSON.parse(out) as Found };
}

t.test('before the first start it makes nothing and says how to begin', { timeout: 100_000 }, async (t) => {
  const { code, told } = await doctor();
  t.equal(code, 0);
  t.match(told, { database: { configured: 'embedded', reachable: false, problem: 'not made yet' } });
  t.match(told.next[0], { part: 'database', next: /npm start/ });
  t.match(await inspectDatabase({ DATABASE_URL: '', HAMLET_HOME: home }, silentLog), {
    problem: 'not made yet',
  });
});

t.test('doctor says what is configured, reachable and counted', { timeout: 100_000 }, async (t) => {
  const file = write(newFolder(t), 'world.ndjson', world.join('\n'));
  t.equal((await hamletBeside(home, ['import', 'ndjson', file])).code, 0);
  const { code, told } = await doctor();
  t.equal(code, 0);
  t.match(told, {
    database: { configured: 'embedded', reachable: true, version: /^PostgreSQL 18/ },
    api: { running: false },
    vectors: { configured: /embedded|usearch/, reachable: true },
    vlm: { configured: false, reachable: false },
    sidecar: { configured: false, reachable: false },
    classifiers: { asked: /^nsfwjs@4/, held: 1, disputed: 0, failures: {} },
    catalog: { images: 2, models: 1, users: 1, events: 1, heldBack: 1 },
    versions: { hamlet: String, node: process.versions.node },
  });
  t.match(told.next.find(({ part }) => part === 'catalog')?.found, '1 items held back');
});

t.test(
  'every server that is named and does not serve is a finding with its way out',
  { timeout: 100_000 },
  async (t) => {
    const refusing = createServer((_, response) => response.writeHead(401).end()).listen(0, '127.0.0.1');
    await once(refusing, 'listening');
    t.teardown(() => refusing.close());
    const { code, told } = await doctor({
      VECTORS_URL: 'http://127.0.0.1:1',
      SIDECAR_URL: 'http://127.0.0.1:1',
      VLM_BASE_URL: `http://127.0.0.1:${(refusing.address() as AddressInfo).port}/v1`,
      VLM_API_KEY: 'hunter2',
    });
    t.equal(code, 1);
    const found = Object.fromEntries(told.next.filter(({ broken }) => broken).map((one) => [one.part, one]));
    t.match(found.vectors, { found: /Qdrant/, next: /VECTORS_URL/ });
    t.match(found.sidecar, { found: /sidecar-unreachable/, next: /npm run sidecar/ });
    t.match(found.vlm, { found: /vlm-key-refused/, next: /VLM_API_KEY/ });
    t.notMatch(JSON.stringify(told), /hunter2/);
  },
);

t.test('a schema that is behind is said, and is left as it is', { timeout: 100_000 }, async (t) => {
  const db = await open(home);
  t.teardown(() => db.close());
  await db.pool.query('delete from schema_version where version = (select max(version) from schema_version)');
  const { code, told } = await doctor();
  t.equal(code, 1);
  t.match(told.next[0], {
    part: 'database',
    found: /^schema \d+ of \d+$/,
    next: /npx hamlet migrate/,
    broken: true,
  });
  const { schema } = await inspectDatabase({ DATABASE_URL: '', HAMLET_HOME: home }, silentLog);
  t.equal(schema.applied, schema.newest - 1);
});

t.test('a database that is away is a finding, and no secret is in it', { timeout: 100_000 }, async (t) => {
  const { code, told, said } = await doctor({
    DATABASE_URL: 'postgres://someone:hunter2@127.0.0.1:1/hamlet',
  });
  t.equal(code, 1);
  t.match(told, {
    database: { configured: 'DATABASE_URL', reachable: false },
    catalog: { images: null, models: null, users: null, events: null, heldBack: null },
  });
  t.match(told.next[0], {
    part: 'database',
    found: /127\.0\.0\.1:1\/hamlet/,
    next: /DATABASE_URL/,
    broken: true,
  });
  t.notMatch(said, /hunter2/);
});
