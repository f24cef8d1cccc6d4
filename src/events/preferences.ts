import { badInput } from '../errors.ts';
import { isCleanJson, isCleanText } from '../text/index.ts';
import { isId } from './check.ts';
import type { PlainAttributes, Preferences } from './types.ts';

const LIST_LIMIT = 1000;
const TAG_LENGTH = 64;
const LEVELS = [1, 2, 4, 8, 16];
const ATTRIBUTES_BYTES = 16 * 1024;

const isListOf = (value: unknown, fits: (entry: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= LIST_LIMIT && value.every(fits);
const isTag = (value: unknown): boolean =>
  typeof value === 'string' && value.length >= 1 && value.length <= TAG_LENGTH && isCleanText(value);
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';

const RULES: { [K in keyof Required<Preferences>]: { fits(value: unknown): boolean; says: string } } = {
  hiddenCreators: { fits: (value) => isListOf(value, isId), says: `up to ${LIST_LIMIT} user ids` },
  hiddenTags: { fits: (value) => isListOf(value, isTag), says: `up to ${LIST_LIMIT} tags` },
  maxLevel: { fits: (value) => LEVELS.includes(value as number), says: `one of ${LEVELS.join(', ')}` },
  commercialUseOnly: { fits: isBoolean, says: 'true or false' },
  excludeFromTraining: { fits: isBoolean, says: 'true or false' },
};

/** @throws HamletError `preferences-invalid` (400) with the pointer of the field at fault. */
export function checkPreferences(value: unknown): Preferences {
  const given = plainObject(value, 'preferences-invalid', '/preferences');
  for (const [name, wish] of Object.entries(given)) {
    const pointer = `/preferences/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Object.hasOwn(RULES, name))
      throw badInput('preferences-invalid', 'There is no such preference.', pointer);
    const rule = RULES[name as keyof Preferences];
    if (!rule.fits(wish)) throw badInput('preferences-invalid', `${name} must be ${rule.says}.`, pointer);
  }
  return given as Preferences;
}

/** @throws HamletError `attributes-invalid` (400) */
export function checkAttributes(value: unknown): Record<string, unknown> {
  const given = plainObject(value, 'attributes-invalid', '/attributes');
  if (!isCleanJson(given))
    throw badInput('attributes-invalid', 'A text holds NUL or a lone surrogate.', '/attributes');
  if (Buffer.byteLength(JSON.stringify(given)) > ATTRIBUTES_BYTES)
    throw badInput('attributes-invalid', `Attributes hold at most ${ATTRIBUTES_BYTES} bytes.`, '/attributes');
  return given;
}

const PLAIN_TEXT = 256;

/** Of attributes only what a condition can compare is kept with a state in memory. */
export const plainAttributes = (attributes: Record<string, unknown>): PlainAttributes =>
  Object.fromEntries(
    Object.entries(attributes).filter(
      (one): one is [string, string | number | boolean] =>
        typeof one[1] === 'number' ||
        typeof one[1] === 'boolean' ||
        (typeof one[1] === 'string' && one[1].length <= PLAIN_TEXT),
    ),
  );

/** @throws HamletError `user-id-invalid` (400) */
export function checkUserId(id: unknown): string {
  if (!isId(id)) throw badInput('user-id-invalid', 'A user id is 1 to 256 characters of clean text.', '/id');
  return id;
}

function plainObject(value: unknown, code: string, pointer: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badInput(code, 'Must be an object.', pointer);
  return value as Record<string, unknown>;
}
