import type { ItemInput } from '../catalog/types.ts';
import { EVENT_CODE, type EventInput } from '../events/types.ts';
import { type Outcome, readRows } from './text-rows.ts';
import type { Source, UserInput } from './types.ts';

const MEANT = 'a line is an item, a user or an event';

/**
 * Lines of JSON, each what the API takes of the same kind: `{"type":"item", …ItemInput}`,
 * `{"type":"user", "id", "attributes"?, "preferences"?}`, and an event as `POST /events` takes it, whose own
 * `type` (`like`, `view`…) says what it is. `{"type":"event", "event":{…}}` (and so for item and user) is the
 * same with a wrapping. Catalogue and log judge what is inside.
 */
export async function openNdjson({ file }: { file: string }): Promise<Source> {
  return {
    kind: 'ndjson',
    files: [file],
    read: () => readRows([{ path: file, share: 1, parse: parseEntry }]),
  };
}

export function parseEntry(line: string): Outcome {
  if (line.trim() === '') return null;
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return { reject: { code: 'json-invalid', detail: line } };
  }
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return { reject: { code: 'entry-invalid', detail: MEANT } };
  const { type, ...rest } = entry as Record<string, unknown>;
  if (type === 'item') return { items: [inside(rest, 'item') as ItemInput] };
  if (type === 'user') return userOf(inside(rest, 'user'));
  if (type === 'event') return { foreign: inside(rest, 'event') as EventInput };
  if (typeof type === 'string' && Object.hasOwn(EVENT_CODE, type)) return { foreign: entry as EventInput };
  if (type === undefined && 'kind' in rest) return { items: [rest as ItemInput] };
  return { reject: { code: 'type-invalid', detail: MEANT } };
}

function inside(rest: Record<string, unknown>, name: string): Record<string, unknown> {
  const wrapped = rest[name];
  const alone = Object.keys(rest).length === 1;
  return alone && typeof wrapped === 'object' && wrapped !== null
    ? (wrapped as Record<string, unknown>)
    : rest;
}

function userOf({ id, attributes, preferences, ...more }: Record<string, unknown>): Outcome {
  if (typeof id !== 'string') return { reject: { code: 'user-id-invalid' } };
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) return { reject: { code: 'field-unknown', detail: unknown } };
  return { users: [{ id, attributes, preferences } as UserInput] };
}
