import type { FastifyRequest } from 'fastify';

const ADDRESSES = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/iu;
const BY_A_PROXY = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];
/** What browsers say of where a request began; programs say nothing. */
const OWN_PAGES = new Set([undefined, 'same-origin', 'none']);

/**
 * Whether a program of this machine asks, or a page that Hamlet itself serves. Three from outside would come from
 * loopback all the same: a foreign name that resolves to this machine (DNS rebinding), whoever asks by way of a proxy
 * on it, and a page of another site in its browser, which can send a request though not read the answer (CSRF).
 */
export function isThisMachine({ ip, headers }: Pick<FastifyRequest, 'ip' | 'headers'>): boolean {
  const { host = '', origin } = headers;
  return (
    ADDRESSES.has(ip) &&
    HOST.test(host) &&
    !BY_A_PROXY.some((name) => headers[name] !== undefined) &&
    OWN_PAGES.has(headers['sec-fetch-site'] as string | undefined) &&
    (origin === undefined || URL.parse(origin)?.host === host.toLowerCase())
  );
}
