import { randomBytes } from 'node:crypto';
import type { ItemKind } from '../catalog/types.ts';
import type { CollectionSpec } from './port.ts';

/** Name of a new collection: its kind, the second it was made (UTC), and chance; never used twice. */
export function collectionName(spec: CollectionSpec, prefix = 'hamlet'): string {
  const second = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '');
  return `${prefix}-${spec.kind}-${second}-${randomBytes(4).toString('hex')}`;
}

/** When a collection of that prefix and kind was made (Unix milliseconds); undefined for any other name. */
export function madeAt(name: string, kind: ItemKind, prefix = 'hamlet'): number | undefined {
  const start = `${prefix}-${kind}-`;
  if (!name.startsWith(start)) return undefined;
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)-[0-9a-f]{8}$/.exec(name.slice(start.length));
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as number[];
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}

export function sameSpec(one: CollectionSpec, other: CollectionSpec): boolean {
  const text = ({ kind, spaces }: CollectionSpec) => JSON.stringify([kind, Object.entries(spaces).sort()]);
  return text(one) === text(other);
}
