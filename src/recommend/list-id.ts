import { randomFillSync } from 'node:crypto';

const LENGTH = 16;
/** Random bytes for many ids at once: a call for each costs more than all the rest of making one. */
const pool = Buffer.alloc(256 * LENGTH);
let used = pool.length;

/** UUID version 7 (RFC 9562): its first 48 bits are the time in ms, by which a list's partition is found. */
export function newListId(now: number): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + LENGTH);
  used += LENGTH;
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidText(bytes);
}

/** When the list was made, in ms. */
export const listTime = (id: string): number => uuidBytes(id).readUIntBE(0, 6);

export const uuidBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
