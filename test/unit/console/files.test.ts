import t from 'tap';
import { openConsole } from '../../../src/console/index.ts';
import { buildHttp } from '../../../src/http/index.ts';
import { fakeParts } from '../../support/fakes.ts';

const BUDGET_KB = 200;

t.test('the console is ≤ 200 KB of compressed JavaScript, its libraries included', async (t) => {
  const files = openConsole();
  const scripts = files.names.filter((name) => /\.m?js$/u.test(name));
  const bytes = scripts.reduce((sum, name) => sum + files.file(name)!.gzipped.length, 0);
  t.ok(bytes > 10_000, 'there is a console');
  t.ok(bytes <= BUDGET_KB * 1024, `${scripts.length} files, ${(bytes / 1024).toFixed(1)} KB`);
});

t.test('every view is the one page, under a policy that allows nothing inline', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  for (const url of ['/', '/people/user%2F7/taste', '/experiments/by-look', '/safety']) {
    const page = await app.inject(url);
    const policy = String(page.headers['content-security-policy']);
    t.match(page.headers['content-type'], /^text\/html/u, url);
    t.notMatch(policy, /unsafe/u);
    t.match(policy, /script-src 'self' 'sha256-[A-Za-z0-9+/]{43}='/u);
    t.notMatch(page.body, /\son[a-z]+="|\sstyle="|<style/u, 'nothing inline');
  }
});

t.test('its files come compressed to who can read that, and once', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  const url = '/console/main.js';
  const plain = await app.inject(url);
  const gzipped = await app.inject({ url, headers: { 'accept-encoding': 'br, gzip' } });
  t.equal(plain.headers['content-encoding'], undefined);
  t.equal(gzipped.headers['content-encoding'], 'gzip');
  t.match(plain.headers['content-type'], /^text\/javascript/u);
  const again = await app.inject({ url, headers: { 'if-none-match': String(plain.headers.etag) } });
  t.equal(again.statusCode, 304);
  for (const other of ['..%2Findex.ts', 'tsconfig.json', 'types.ts', 'lib/../../index.ts'])
    t.equal((await app.inject(`/console/${other}`)).statusCode, 404, other);
});
