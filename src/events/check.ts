import { hash } from 'node:crypto';
import { type ItemKind, KIND_CODE } from '../catalog/types.ts';
import { isUuid } from '../db/index.ts';
import { isCleanText, parseInstant } from '../text/index.ts';
import { EVENT_CODE, type EventType } from './types.ts';

/** An event that was found good, ready to be written. */
export type CheckedEvent = {
  eventId: string;
  userId: string;
  itemKind: ItemKind;
  itemId: string;
  /** EVENT_CODE. */
  type: number;
  /** Milliseconds since 1970. */
  at: number;
  recommendationId: string | null;
  position: number | null;
  synthetic: boolean;
  /** First 16 bytes of the sha256 of what the event says, as hex: the same words in another notation are the same event. */
  digest: string;
};
export type Refused = { code: string };

const DAY = 86_400_000;
const FIELDS = new Set([
  'eventId',
  'userId',
  'itemKind',
  'itemId',
  'type',
  'occurredAt',
  'recommendationId',
  'position',
]);

export const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= 256 && isCleanText(value);

/** Judges one event from outside by itself. `now` in milliseconds; only imports may say `synthetic`. */
export function checkEvent(raw: unknown, now: number, imported = false): CheckedEvent | Refused {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { code: 'event-not-an-object' };
  const event = raw as Record<string, unknown>;
  const { eventId, userId, itemKind, itemId, type, occurredAt } = event;
  if (!isId(eventId)) return { code: 'event-id-invalid' };
  if (!isId(userId)) return { code: 'user-id-invalid' };
  if (itemKind !== 'image' && itemKind !== 'model') return { code: 'item-kind-invalid' };
  if (!isId(itemId)) return { code: 'item-id-invalid' };
  if (typeof type !== 'string' || !Object.hasOwn(EVENT_CODE, type)) return { code: 'type-invalid' };
  const at = parseInstant(occurredAt);
  if (at === undefined || at < 0) return { code: 'occurred-at-invalid' };
  if (at > now + DAY) return { code: 'occurred-in-future' };
  const list = event.recommendationId ?? null;
  if (list !== null && (typeof list !== 'string' || !isUuid(list)))
    return { code: 'recommendation-id-invalid' };
  const position = event.position ?? null;
  if (position !== null && !isPosition(position)) return { code: 'position-invalid' };
  for (const name in event)
    if (!FIELDS.has(name) && !(imported && name === 'synthetic')) return { code: 'unknown-field' };
  const synthetic = imported && event.synthetic === true;
  const recommendationId = list === null ? null : list.toLowerCase();
  return {
    ...{ eventId, userId, itemKind, itemId, at, recommendationId, position, synthetic },
    type: EVENT_CODE[type as EventType],
    digest: digestOf([userId, KIND_CODE[itemKind], itemId, type, at, recommendationId, position]),
  };
}

export const digestOf = (words: unknown): string => hash('sha256', JSON.stringify(words), 'hex').slice(0, 32);

const isPosition = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 9999;
