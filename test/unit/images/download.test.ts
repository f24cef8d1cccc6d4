import type { lookup } from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { openImageLoader, type Shape } from '../../../src/images/index.ts';
import { publicLookup } from '../../../src/images/public-address.ts';
import { twoHalves } from '../../support/pictures.ts';

const PNG = await twoHalves('#f00', '#00f').png().toBuffer();
const none = () => null;
const plain: Shape = { cut: (image) => image };

async function serving(t: Test, listener: RequestListener): Promise<number> {
  const server: Server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A resolver of planted names; every question it is asked is noted. */
function names(table: Record<string, string[]>) {
  const asked: string[] = [];
  const resolve = ((host: string, _options: object, answer: (...found: unknown[]) => void) => {
    asked.push(host);
    const addresses = table[host];
    if (addresses === undefined)
      return answer(Object.assign(new Error(`ENOTFOUND ${host}`), { code: 'ENOTFOUND' }));
    answer(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as unknown as typeof lookup;
  return { asked, resolve };
}

const loaderFor = (t: Test, parts: { trusted?: string[]; resolve?: typeof lookup; timeoutMs?: number }) => {
  const { trusted = [], ...rest } = parts;
  const loader = openImageLoader({ trustedHosts: new Set(trusted), renderPicture: none, ...rest });
  t.teardown(loader.close);
  return loader;
};

t.test('a picture is fetched from a host that is trusted to be private', async (t) => {
  const port = await serving(t, (_, response) => response.end(PNG));
  const { resolve } = names({ 'cdn.internal': ['127.0.0.1'] });
  const loader = loaderFor(t, { trusted: ['cdn.internal'], resolve });
  t.match(await loader.load(`http://cdn.internal:${port}/a.png`, plain), { width: 64, height: 48 });
});

t.test('a URL at a private address is refused without a connection, however it is written', async (t) => {
  let connections = 0;
  const port = await serving(t, (_, response) => {
    connections++;
    response.end(PNG);
  });
  const { resolve } = names({
    'inside.example': ['127.0.0.1'],
    'both.example': ['93.184.216.34', '10.0.0.1'],
    'v6.example': ['::1'],
    'mapped.example': ['::ffff:127.0.0.1'],
  });
  const loader = loaderFor(t, { resolve });
  const hosts = [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
  ];
  hosts.push(
    '[::127.0.0.1]',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
  );
  hosts.push(
    '255.255.255.255',
    '[fe80::1]',
    '[fc00::1]',
    '[fd12::1]',
    '[ff02::1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
  );
  hosts.push('198.18.0.1', '240.0.0.1', 'inside.example', 'both.example', 'v6.example', 'mapped.example');
  for (const host of hosts)
    await t.rejects(
      loader.load(`http://${host}:${port}/`, plain),
      { code: 'url-private', status: 400 },
      host,
    );
  t.equal(connections, 0);
  t.equal(loader.outcomes().get('url-private'), hosts.length);
});

t.test('a redirect to a private address is refused, by number and by name', async (t) => {
  let inside = 0;
  const secret = await serving(t, (_, response) => {
    inside++;
    response.end(PNG);
  });
  const targets = [
    `http://127.0.0.1:${secret}/`,
    `http://inside.example:${secret}/`,
    `//169.254.169.254/latest`,
  ];
  for (const location of targets) {
    const port = await serving(t, (_, response) => response.writeHead(302, { location }).end());
    const { resolve } = names({ 'cdn.internal': ['127.0.0.1'], 'inside.example': ['127.0.0.1'] });
    const loader = loaderFor(t, { trusted: ['cdn.internal'], resolve });
    await t.rejects(loader.load(`http://cdn.internal:${port}/`, plain), { code: 'url-private' }, location);
  }
  t.equal(inside, 0);
});

t.test('a redirect elsewhere than http(s), to nowhere, or without end is refused', async (t) => {
  const { resolve } = names({ 'cdn.internal': ['127.0.0.1'] });
  const loader = loaderFor(t, { trusted: ['cdn.internal'], resolve });
  const redirecting = async (location?: string) =>
    serving(t, (_, response) => response.writeHead(307, location === undefined ? {} : { location }).end());
  const at = (port: number) => loader.load(`http://cdn.internal:${port}/`, plain);
  await t.rejects(at(await redirecting('file:///etc/passwd')), { code: 'url-invalid' });
  await t.rejects(at(await redirecting('http://user:word@cdn.internal/')), { code: 'url-invalid' });
  await t.rejects(at(await redirecting()), { code: 'url-status' });
  let hops = 0;
  const endless = await serving(t, (_, response) =>
    response.writeHead(302, { location: `/${hops++}` }).end(),
  );
  await t.rejects(at(endless), { code: 'url-redirects' });
  t.equal(hops, 5);
  const twice = await serving(t, (request, response) =>
    request.url === '/b' ? response.end(PNG) : response.writeHead(301, { location: '/b' }).end(),
  );
  t.match(await at(twice), { width: 64 }, 'a few hops are followed');
});

t.test('the addresses that are checked are those the socket gets: the name is not asked again', async (t) => {
  const { asked, resolve } = names({ 'pictures.example': ['93.184.216.34', '2606:2800:21f::1'] });
  const lookedUp = (all: boolean) =>
    new Promise((answer) =>
      publicLookup(resolve)('pictures.example', { all }, (error, address, family) =>
        answer(error ?? (family === undefined ? address : [address, family])),
      ),
    );
  t.same(await lookedUp(true), [
    { address: '93.184.216.34', family: 4 },
    { address: '2606:2800:21f::1', family: 6 },
  ]);
  t.same(await lookedUp(false), ['93.184.216.34', 4]);
  t.equal(asked.length, 2);
});

t.test('a body that is or claims to be too large ends at the limit', async (t) => {
  let sent = 0;
  const endless = await serving(t, (_, response) => {
    const more = () => {
      do sent += 65_536;
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  });
  const claiming = await serving(t, (_, response) => {
    response.writeHead(200, { 'content-length': 10 ** 10 });
    response.write('x');
  });
  const { resolve } = names({ 'cdn.internal': ['127.0.0.1'] });
  const loader = loaderFor(t, { trusted: ['cdn.internal'], resolve });
  for (const port of [endless, claiming])
    await t.rejects(loader.load(`http://cdn.internal:${port}/`, plain), { code: 'image-too-large' });
  t.ok(sent > 20 * 2 ** 20 && sent < 40 * 2 ** 20, `${sent} bytes were sent`);
});

t.test(
  'a server that is slow, silent, gone or broken is told from a picture that is not there',
  async (t) => {
    const { resolve } = names({ 'cdn.internal': ['127.0.0.1'] });
    const loader = loaderFor(t, { trusted: ['cdn.internal'], resolve, timeoutMs: 200 });
    const at = (port: number) => loader.load(`http://cdn.internal:${port}/`, plain);
    const slow = await serving(t, (_, response) => {
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    await t.rejects(at(slow), { code: 'url-timeout', status: 503 });
    await t.rejects(at(await serving(t, () => {})), { code: 'url-timeout' });
    await t.rejects(at(await serving(t, (request) => request.socket.destroy())), {
      code: 'url-unreachable',
      status: 503,
    });
    await t.rejects(at(await serving(t, (_, response) => response.writeHead(500).end())), {
      code: 'url-unreachable',
    });
    await t.rejects(at(await serving(t, (_, response) => response.writeHead(404).end())), {
      code: 'url-status',
      status: 400,
    });
    await t.rejects(loader.load('http://nowhere.example/', plain), { code: 'url-unreachable' });
    const half = await serving(t, (_, response) => {
      response.writeHead(200, { 'content-length': PNG.length });
      response.write(PNG.subarray(0, 50), () => response.destroy());
    });
    await t.rejects(at(half), { code: 'url-unreachable' });
  },
);

t.test('the caller can end a fetch', async (t) => {
  const port = await serving(t, () => {});
  const { resolve } = names({ 'cdn.internal': ['127.0.0.1'] });
  const loader = loaderFor(t, { trusted: ['cdn.internal'], resolve });
  await t.rejects(loader.load(`http://cdn.internal:${port}/`, plain, AbortSignal.timeout(50)), {
    code: 'url-unreachable',
  });
});

t.test('a URL that is none, and other schemes, are refused', async (t) => {
  const loader = loaderFor(t, {});
  for (const url of [
    '',
    'a.png',
    'ftp://example.org/a.png',
    'file:///etc/passwd',
    'javascript:1',
    'http://',
    'data:text/html;base64,AA',
  ])
    await t.rejects(loader.load(url, plain), { code: 'url-invalid' }, url);
});

t.test('data URLs and paths of the demo world are read; other paths are unknown', async (t) => {
  const drawn =
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="9" height="9"/></svg>';
  const loader = openImageLoader({
    trustedHosts: new Set(),
    renderPicture: (name) => (name === 'fox' ? drawn : null),
    readShowcase: async (name) => (name === 'lora-1-1-1' ? PNG : null),
  });
  t.match(await loader.load(`data:image/png;base64,${PNG.toString('base64')}`, plain), { width: 64 });
  t.match(await loader.load('/pictures/fox.webp', plain), { width: 20, height: 10 });
  const small: Shape = { cut: (image) => image, enough: 5 };
  t.match(
    await loader.load('/pictures/fox.webp', small),
    { width: 10, height: 5 },
    'drawn no larger than wanted',
  );
  t.match(await loader.load('/showcases/lora-1-1-1.webp', plain), { width: 64 });
  for (const path of [
    '/showcases/lora-1-1-9.webp',
    '/showcases/../a.webp',
    '/pictures/owl.webp',
    '/pictures/../fox.webp',
    '/etc/passwd',
    '//127.0.0.1/a',
  ])
    await t.rejects(loader.load(path, plain), { code: 'picture-unknown' }, path);
  await t.rejects(loader.load('data:image/svg+xml;base64,PHN2Zy8+', plain), { code: 'svg-refused' });
  await t.rejects(loader.load('data:image/png;base64,AAAA', plain), { code: 'image-format' });
});
