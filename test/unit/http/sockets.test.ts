import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { buildHttp, type HttpParts, type HttpTimes } from '../../../src/http/index.ts';
import { fakeParts } from '../../support/fakes.ts';
import { portOf, rawExchange } from '../../support/raw-http.ts';

async function listening(t: Test, parts: HttpParts, times: Partial<HttpTimes> = {}) {
  const app = await buildHttp(parts, times);
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  return { app, url: `http://127.0.0.1:${portOf(app)}` };
}
const inFlight = async (url: string) =>
  Number(/hamlet_http_in_flight (\d+)/u.exec(await (await fetch(`${url}/metrics`)).text())![1]);

t.test('what is not HTTP gets a problem and the door', async (t) => {
  const { app } = await listening(t, fakeParts().parts);
  const answer = await rawExchange(app, (socket) => socket.write('NOT HTTP AT ALL\r\n\r\n'));
  t.match(answer, /^HTTP\/1\.1 400 Bad Request/u);
  t.equal(JSON.parse(answer.split('\r\n\r\n')[1]!).code, 'malformed-http');
});

t.test('a request head past 16 KiB is a 431 problem', async (t) => {
  const { app } = await listening(t, fakeParts().parts);
  const answer = await rawExchange(app, (socket) =>
    socket.write(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`),
  );
  t.match(answer, /^HTTP\/1\.1 431 /u);
  t.match(answer, /"code":"headers-too-large"/u);
});

t.test('two lengths for one body, the start of request smuggling, are refused', async (t) => {
  const { app } = await listening(t, fakeParts().parts);
  const answer = await rawExchange(app, (socket) =>
    socket.write(
      'POST /events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ),
  );
  t.match(answer, /^HTTP\/1\.1 400 /u);
  t.notMatch(answer, /HTTP\/1\.1 200/u);
});

t.test('a body that never comes is given up on with 408', async (t) => {
  const { app } = await listening(t, fakeParts().parts, { arrival: 400, check: 100 });
  const started = Date.now();
  const answer = await rawExchange(app, (socket) =>
    socket.write(
      'PUT /items/image/a HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"ti',
    ),
  );
  t.match(answer, /^HTTP\/1\.1 408 /u);
  t.match(answer, /"code":"request-timeout"/u);
  t.ok(Date.now() - started < 5000);
});

t.test('a body of 50 MB is refused before it is read', async (t) => {
  const { app, url } = await listening(t, fakeParts().parts);
  const answer = await rawExchange(app, (socket) =>
    socket.write(
      `POST /events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${50 * 1024 * 1024}\r\n\r\n`,
    ),
  );
  t.match(answer, /^HTTP\/1\.1 413 /u);
  t.match(answer, /"code":"body-too-large"/u);
  t.equal(await inFlight(url), 1, 'only the request for the figure is being served');
});

t.test('a 50 MB body without a length is cut off, and memory does not keep it', async (t) => {
  const { app } = await listening(t, fakeParts().parts);
  const before = process.memoryUsage().rss;
  const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
  const answer = await rawExchange(app, async (socket) => {
    socket.write(
      'POST /events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    for (let mb = 0; mb < 50 && socket.writable; mb++) {
      if (!socket.write(chunk))
        await Promise.race([new Promise((go) => socket.once('drain', go)), sleep(200)]);
    }
  });
  t.match(answer, /^HTTP\/1\.1 413 /u);
  t.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
});

t.test('callers that leave are not counted as being served for ever', async (t) => {
  const { parts } = fakeParts();
  parts.recommender.similar = async () => {
    await sleep(300);
    return { items: [], degraded: [] };
  };
  const { app, url } = await listening(t, parts);
  await rawExchange(app, async (socket) => {
    socket.write('GET /items/image/a/similar HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await sleep(50);
    socket.destroy();
  });
  await rawExchange(app, async (socket) => {
    socket.write(
      'PUT /items/image/a HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    );
    await sleep(50);
    socket.destroy();
  });
  await sleep(500);
  t.equal(await inFlight(url), 1);
});

t.test('past MAX_IN_FLIGHT requests are refused at once, health and the console never', async (t) => {
  const { parts } = fakeParts({ MAX_IN_FLIGHT: 4 });
  let release = () => {};
  const held = new Promise<void>((go) => {
    release = go;
  });
  parts.events.getUser = async () => {
    await held;
    return null;
  };
  const { url } = await listening(t, parts);
  const waiting = Array.from({ length: 4 }, () => fetch(`${url}/users/a`));
  await sleep(200);
  const refused = await fetch(`${url}/users/a`);
  t.equal(refused.status, 503);
  t.equal(refused.headers.get('retry-after'), '1');
  t.equal(((await refused.json()) as { code: string }).code, 'overloaded');
  t.equal((await fetch(`${url}/health/live`)).status, 200);
  t.equal((await fetch(`${url}/metrics`)).status, 200);
  t.equal((await fetch(`${url}/console/main.js`)).status, 200);
  release();
  t.same(
    (await Promise.all(waiting)).map(({ status }) => status),
    [404, 404, 404, 404],
  );
  t.equal((await fetch(`${url}/users/a`)).status, 404, 'and then all is well again');
});

t.test('memory past MAX_RSS_MB closes the door before it grows, but not to probes', async (t) => {
  const { url } = await listening(t, fakeParts({ MAX_RSS_MB: 1 }).parts);
  await sleep(1200);
  t.equal((await fetch(`${url}/users/a`)).status, 503);
  t.equal((await fetch(`${url}/health/live`)).status, 200);
});

t.test('closing lets what is being served finish, and says so to probes', async (t) => {
  const { parts } = fakeParts();
  parts.recommender.similar = async () => {
    await sleep(500);
    return { items: [], degraded: [] };
  };
  const { app, url } = await listening(t, parts);
  const idle = await fetch(`${url}/health/ready`);
  t.equal(idle.status, 200);
  await idle.text();
  const served = fetch(`${url}/items/image/a/similar`);
  await sleep(100);
  const started = Date.now();
  const closing = app.close();
  t.equal((await served).status, 200);
  await closing;
  t.ok(Date.now() - started < 3000, 'idle connections do not hold it up');
  await t.rejects(fetch(`${url}/health/live`), 'nothing listens any more');
});

t.test('what does not finish while closing is cut', async (t) => {
  const { parts } = fakeParts();
  parts.recommender.similar = () => new Promise(() => {});
  const { app, url } = await listening(t, parts, { drain: 300 });
  const cut = t.rejects(fetch(`${url}/items/image/a/similar`));
  await sleep(100);
  const started = Date.now();
  await app.close();
  await cut;
  t.ok(Date.now() - started < 3000);
});
