import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { CONTRACT } from '../../../schemas/sidecar.ts';
import { silentLog } from '../../../src/log.ts';
import { openSidecars } from '../../../src/sidecar/index.ts';

const HEALTH = {
  ...{ contract: CONTRACT, device: 'cpu', deviceName: 'CPU', freeMemoryMB: 1 },
  ...{ kinds: ['train-sasrec'], running: 0, queued: 0 },
};

/** An address that answers every question in one way. */
async function answering(
  t: { teardown(end: () => void): void },
  answer: (response: ServerResponse) => void,
): Promise<string> {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const open = (...addresses: string[]) =>
  openSidecars({ SIDECAR_URL: addresses.join(), SIDECAR_TOKEN: '' }, silentLog);

t.test('a sidecar whose answer is cut off, endless or not one is passed over for a sound one', async (t) => {
  const cut = await answering(t, (response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('{"contract":');
    setImmediate(() => response.destroy());
  });
  const endless = await answering(t, (response) => {
    response.writeHead(200);
    const pour = () => {
      while (!response.destroyed && response.write('x'.repeat(1 << 16)));
      response.once('drain', pour);
    };
    pour();
  });
  const nonsense = await answering(t, (response) => response.end('<p>hello</p>'));
  const older = await answering(t, (response) =>
    response.end(JSON.stringify({ ...HEALTH, contract: 'hamlet-jobs/0' })),
  );
  const sound = await answering(t, (response) => response.end(JSON.stringify(HEALTH)));
  const sidecars = open(cut, endless, nonsense, older, sound);
  t.equal((await sidecars.choose('train-sasrec')).address, sound);
  t.same(Object.fromEntries(sidecars.faults().map(({ address, code }) => [address, code])), {
    [cut]: 'sidecar-unreachable',
    [endless]: 'sidecar-unreachable',
    [nonsense]: 'sidecar-answer-invalid',
    [older]: 'sidecar-contract',
  });
});

t.test('without a sound one it is said what is wrong with each', async (t) => {
  const other = await answering(t, (response) => response.end(JSON.stringify({ ...HEALTH, kinds: [] })));
  await t.rejects(open('http://127.0.0.1:1', other).choose('train-sasrec'), {
    code: 'sidecar-unavailable',
    status: 503,
    message: `http://127.0.0.1:1: sidecar-unreachable; ${other}: does not know train-sasrec`,
  });
});

t.test('an address that holds a password is refused without repeating it', async (t) => {
  t.throws(() => open('http://me:sekrit@gpu:8900'), { message: /^SIDECAR_URL: gpu:8900 is not a plain/ });
});
