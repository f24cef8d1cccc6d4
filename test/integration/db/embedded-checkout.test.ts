import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';
import { alive, holder, newHome, serverPid, until } from '../../support/own-server.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

t.test('it starts from a checkout whose path has a space and a percent sign in it', async (t) => {
  const outer = mkdtempSync(join(tmpdir(), 'hamlet-checkout-'));
  t.teardown(() => rmSync(outer, { recursive: true, force: true }));
  const checkout = join(outer, 'my code, 100%25');
  mkdirSync(join(checkout, 'test/support'), { recursive: true });
  for (const path of ['src', 'migrations', 'package.json', 'test/support/hold-database.ts'])
    cpSync(join(ROOT, path), join(checkout, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));

  const home = newHome(t);
  const { child, acknowledged } = await holder(home, 'moved', undefined, checkout);
  t.ok(await until(() => acknowledged.length > 0));
  const pid = serverPid(home);
  child.kill('SIGKILL');
  t.ok(await until(() => !alive(pid)));
});
