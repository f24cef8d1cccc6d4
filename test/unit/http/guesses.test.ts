import t from 'tap';
import { openGuesses } from '../../../src/http/guesses.ts';
import { buildHttp } from '../../../src/http/index.ts';
import { fakeKeys, fakeParts } from '../../support/fakes.ts';
import { patientInject } from '../../support/patient.ts';

const keys = fakeKeys({ right: { scopes: ['serve', 'admin'] }, other: { scopes: ['admin'] } });

async function service(t: { teardown(close: () => unknown): void }, proxies: string[] = []) {
  const app = await buildHttp(fakeParts({ TRUST_PROXY: new Set(proxies) }, { keys }).parts);
  t.teardown(() => app.close());
  return (token: string, remoteAddress: string, forwarded?: string) =>
    patientInject(app, {
      ...{ url: '/admin/keys', remoteAddress },
      headers: {
        authorization: `Bearer ${token}`,
        ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
      },
    });
}
const guess = async (ask: Awaited<ReturnType<typeof service>>, address: string, forwarded?: string) => {
  const statuses = [];
  for (let n = 0; n < 32; n++) statuses.push((await ask(`wrong-${n}`, address, forwarded)).statusCode);
  return statuses;
};

t.test('thirty wrong keys a minute from one address, then 429; nobody else is locked out', async (t) => {
  const ask = await service(t);
  t.equal((await ask('right', '192.0.2.1')).statusCode, 200);
  const statuses = await guess(ask, '192.0.2.1');
  t.same(statuses.slice(29), [401, 429, 429]);
  const refused = await ask('wrong', '192.0.2.1');
  t.equal(refused.json().code, 'keys-guessed');
  const wait = Number(refused.headers['retry-after']);
  t.ok(wait >= 1 && wait <= 60, String(wait));
  t.equal((await ask('other', '192.0.2.1')).statusCode, 429, 'a guess that is right tells nothing');
  t.equal((await ask('right', '192.0.2.1')).statusCode, 200, 'who was known there goes on');
  t.equal((await ask('other', '192.0.2.2')).statusCode, 200, 'another address is not concerned');
});

t.test('behind a proxy addresses are told apart only where it is named', async (t) => {
  const named = await service(t, ['192.0.2.9']);
  t.equal((await guess(named, '192.0.2.9', '198.51.100.1')).at(-1), 429);
  t.equal((await named('other', '192.0.2.9', '198.51.100.2')).statusCode, 200);
  t.equal((await named('other', '192.0.2.9', '198.51.100.1')).statusCode, 200, 'was right before');
  const unnamed = await service(t);
  for (let n = 0; n < 31; n++) await unnamed(`wrong-${n}`, '192.0.2.9', `198.51.100.${n}`);
  const spoofed = await unnamed('wrong', '192.0.2.9', '198.51.100.77');
  t.equal(spoofed.statusCode, 429, 'a header alone makes nobody another');
});

t.test('a minute later the address may try again, and a network of IPv6 counts as one', async (t) => {
  let now = 0;
  const guesses = openGuesses(() => now);
  for (let n = 0; n < 30; n++) guesses.note(`2001:db8:1:2::${n + 1}`, `wrong-${n}`, false);
  t.throws(() => guesses.refuse('2001:db8:1:2:ffff::1', 'next'), { code: 'keys-guessed', retryAfter: 60 });
  t.doesNotThrow(() => guesses.refuse('2001:db8:1:3::1', 'next'));
  now = 60_000;
  t.doesNotThrow(() => guesses.refuse('2001:db8:1:2::1', 'next'));
});
