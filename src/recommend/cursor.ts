import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { badInput, HamletError } from '../errors.ts';
import { uuidBytes, uuidText } from './list-id.ts';

/** Where in which stored list the next page begins, and until when (ms) it may be asked for. */
export type Cursor = { listId: string; offset: number; expires: number };

const FORMAT = 1;
/** Format, list id, offset, expiry. */
const BODY = 1 + 16 + 2 + 6;
const SIGNATURE = 32;

/** Opaque to callers: base64url of a fixed layout and its HMAC-SHA256. Every replica has the same secret. */
export function writeCursor(cursor: Cursor, secret: KeyObject): string {
  const body = Buffer.alloc(BODY);
  body[0] = FORMAT;
  uuidBytes(cursor.listId).copy(body, 1);
  body.writeUInt16BE(cursor.offset, 17);
  body.writeUIntBE(Math.floor(cursor.expires), 19, 6);
  return Buffer.concat([body, signature(body, secret)]).toString('base64url');
}

/** @throws HamletError `cursor-invalid` (400), `cursor-expired` (410) */
export function readCursor(text: string, secret: KeyObject, now: number): Cursor {
  const bytes = Buffer.from(text, 'base64url');
  const body = bytes.subarray(0, BODY);
  // The text is compared too: base64url has several spellings of the same bytes.
  const genuine =
    bytes.length === BODY + SIGNATURE &&
    bytes.toString('base64url') === text &&
    timingSafeEqual(bytes.subarray(BODY), signature(body, secret)) &&
    body[0] === FORMAT;
  if (!genuine) throw badInput('cursor-invalid', 'The cursor is not one that Hamlet gave out.', '/cursor');
  const expires = body.readUIntBE(19, 6);
  if (expires <= now) throw cursorExpired();
  return { listId: uuidText(body.subarray(1, 17)), offset: body.readUInt16BE(17), expires };
}

export const cursorExpired = (): HamletError =>
  new HamletError('cursor-expired', 410, 'This list can no longer be paged through; ask for a new one.', {
    pointer: '/cursor',
  });

const signature = (body: Buffer, secret: KeyObject): Buffer =>
  createHmac('sha256', secret).update(body).digest();
