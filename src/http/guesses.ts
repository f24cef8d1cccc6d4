import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';
import { HamletError } from '../errors.ts';

const MINUTE_MS = 60_000;
/** Wrong keys a minute from one address; a caller with a mistyped key has fewer. */
const MOST_WRONG = 30;
/** Addresses and keys that are remembered. */
const REMEMBERED = 10_000;

export type Guesses = ReturnType<typeof openGuesses>;

/**
 * Whoever sends many wrong keys is answered without a look at the next one. Counted by address, and a key that
 * was right before is looked at all the same: many callers may share an address, behind a proxy that
 * TRUST_PROXY does not name.
 */
export function openGuesses(now: () => number = Date.now) {
  const wrong = new LRUCache<string, { count: number; until: number }>({ max: REMEMBERED });
  const right = new LRUCache<string, true>({ max: REMEMBERED });

  return {
    /** @throws HamletError `keys-guessed` (429) */
    refuse(address: string, token: string | undefined): void {
      const found = wrong.get(networkOf(address));
      if (!found || found.count < MOST_WRONG || found.until <= now()) return;
      if (token !== undefined && right.has(digestOf(token))) return;
      throw new HamletError('keys-guessed', 429, 'Too many wrong keys came from this address.', {
        retryAfter: Math.ceil((found.until - now()) / 1000),
      });
    },
    note(address: string, token: string | undefined, known: boolean): void {
      if (known) {
        right.set(digestOf(token!), true);
        return;
      }
      const network = networkOf(address);
      const found = wrong.get(network);
      if (found && found.until > now()) found.count++;
      else wrong.set(network, { count: 1, until: now() + MINUTE_MS });
    },
  };
}

const digestOf = (token: string) => createHash('sha256').update(token).digest('base64');

/** One subscriber has a whole /64 of IPv6 to guess from. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address.replace(/^::ffff:/u, '');
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = address.includes('::') ? tail.split(':').filter(Boolean) : [];
  const zeros = Array.from({ length: 8 - groups.length - rest.length }, () => '0');
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':');
}
