import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { badInput } from '../errors.ts';

/**
 * Whether an address is one anybody on the internet may ask: unicast, and none of the loopback, private,
 * link-local, multicast, translated or reserved ranges. IPv4 inside IPv6 counts as the IPv4 it is.
 */
export function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address);
  // ::/96 held IPv4 addresses once (RFC 4291 2.5.5.1); ipaddr.js knows no range for it.
  if (
    parsed.kind() === 'ipv6' &&
    parsed
      .toByteArray()
      .slice(0, 12)
      .every((byte) => byte === 0)
  )
    return false;
  return parsed.range() === 'unicast';
}

/** @throws HamletError `url-private` when the host is itself an address that is not public */
export function refusePrivateLiteral(host: string): void {
  const address = host.replace(/^\[|\]$/gu, '');
  if (isIP(address) !== 0 && !isPublic(address)) throw privateUrl(host);
}

/**
 * A `lookup` for sockets that answers only when every address of the name is public. The socket connects
 * to the very addresses that were looked at, so a name that changes between check and use gains nothing.
 */
export function publicLookup(resolve: typeof lookup = lookup): LookupFunction {
  return (host, options, answer) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return answer(error, []);
      if (!addresses.every(({ address }) => isPublic(address))) return answer(privateUrl(host), []);
      if (options.all) return answer(null, addresses);
      answer(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

const privateUrl = (host: string) =>
  badInput('url-private', `${host.slice(0, 100)} is at an address that is not public (see PICTURE_HOSTS).`);
