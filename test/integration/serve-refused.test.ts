import { once } from 'node:events';
import { createServer } from 'node:net';
import t from 'tap';
import { hamletBeside } from '../support/cli.ts';
import { newHome } from '../support/own-server.ts';

t.setTimeout(240_000);
const home = newHome(t);
const serve = (env: Record<string, string>) => hamletBeside(home, ['serve'], { DEMO_WORLD: 'none', ...env });

t.test('a port that is taken is told in a line, and what was opened is closed', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as { port: number };
  const { code, said } = await serve({ PORT: String(port) });
  t.equal(code, 1);
  t.match(said, `hamlet: port-taken: PORT ${port} is in use`);
  t.notMatch(said, /^\s+at /m, 'without a stack');
});

t.test('without a key it does not listen beyond this machine', async (t) => {
  const { code, said } = await serve({ PORT: '0', HOST: '0.0.0.0' });
  t.equal(code, 1);
  t.match(said, /hamlet: open-door: HOST 0\.0\.0\.0 is not loopback: make an API key first/);
});
