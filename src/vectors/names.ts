import { randomBytes } from 'node:crypto';
import type { CollectionSpec } from './port.ts';

/** Name of a new collection: its kind, the second it was made, and chance; never used twice. */
export function collectionName(spec: CollectionSpec): string {
  const second = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '');
  return `hamlet-${spec.kind}-${second}-${randomBytes(4).toString('hex')}`;
}

export function sameSpec(one: CollectionSpec, other: CollectionSpec): boolean {
  const text = ({ kind, spaces }: CollectionSpec) => JSON.stringify([kind, Object.entries(spaces).sort()]);
  return text(one) === text(other);
}
