import { isCleanJson, isCleanText, parseInstant } from '../text/index.ts';
import { type ItemInput, KIND_CODE } from './types.ts';

/** Why an item cannot be stored: a kebab-case code and the JSON pointer of the field within the item. */
export type Fault = { code: string; pointer: string };

const MAX = {
  id: 256,
  title: 512,
  url: 2048,
  tags: 100,
  tag: 64,
  prompt: 20_000,
  description: 100_000,
  models: 200,
  attributes: 16_384,
} as const;
const KNOWN = new Set([
  ...['kind', 'id', 'title', 'url', 'creatorId', 'tags', 'prompt', 'negativePrompt', 'description'],
  ...['browsingLevel', 'minor', 'poi', 'toxicity', 'availability', 'licence', 'role', 'phash', 'vector'],
  ...['vectorSource', 'modelIds', 'createdAt', 'attributes'],
]);
/** As encoders name themselves: `clip/64@3f9a…`. */
const ENCODER_ID = /^[a-z0-9][a-z0-9@/._-]{0,127}$/u;
const DATE = /^\d{4}-\d\d-\d\d$/u;
/** No picture is older; PostgreSQL has no year 0. */
const FIRST = Date.UTC(1000, 0);
const AHEAD = 24 * 3600_000;

/**
 * Checks one item that came over the wire or out of a file; trusts nothing about its shape.
 * @param dims length a content vector must have.
 * @returns the first fault found, or null when `input` is an ItemInput.
 */
export function faultOf(input: unknown, dims: number): Fault | null {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return { code: 'item-invalid', pointer: '' };
  const item = input as Record<keyof ItemInput, unknown>;
  return (
    unknownField(item) ??
    (typeof item.kind === 'string' && Object.hasOwn(KIND_CODE, item.kind) ? null : fault('kind')) ??
    text(item.id, '/id', MAX.id, 1) ??
    optional(item, 'title', (value) => text(value, '/title', MAX.title)) ??
    optional(item, 'url', (value) => text(value, '/url', MAX.url) ?? (isUrl(value) ? null : fault('url'))) ??
    optional(item, 'creatorId', (value) => text(value, '/creatorId', MAX.id, 1)) ??
    optional(item, 'tags', (value) => list(value, 'tags', MAX.tags, MAX.tag)) ??
    optional(item, 'prompt', (value) => text(value, '/prompt', MAX.prompt)) ??
    optional(item, 'negativePrompt', (value) => text(value, '/negativePrompt', MAX.prompt)) ??
    optional(item, 'description', (value) => text(value, '/description', MAX.description)) ??
    optional(item, 'browsingLevel', (value) => check(isLevel(value), 'browsingLevel')) ??
    optional(item, 'minor', (value) => check(typeof value === 'boolean', 'minor')) ??
    optional(item, 'poi', (value) => check(typeof value === 'boolean', 'poi')) ??
    optional(item, 'toxicity', (value) => check(isNumber(value) && value >= 0 && value <= 1, 'toxicity')) ??
    optional(item, 'availability', (value) =>
      check(value === 'public' || value === 'private', 'availability'),
    ) ??
    optional(item, 'licence', (value) => check(isLicence(value), 'licence')) ??
    optional(item, 'role', (value) => check(value === 'showcase' || value === 'historical', 'role')) ??
    optional(item, 'phash', (value) => check(matches(value, /^[0-9a-f]{16}$/iu), 'phash')) ??
    optional(item, 'vector', (value) => check(isVector(value, dims), 'vector')) ??
    optional(item, 'vectorSource', (value) => check(matches(value, ENCODER_ID), 'vectorSource')) ??
    optional(item, 'modelIds', (value) => list(value, 'modelIds', MAX.models, MAX.id)) ??
    optional(item, 'createdAt', created) ??
    optional(item, 'attributes', attributes)
  );
}

type Fields = Record<keyof ItemInput, unknown>;

const kebab = (field: string) => field.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
const fault = (field: keyof ItemInput): Fault => ({ code: `${kebab(field)}-invalid`, pointer: `/${field}` });
const check = (good: boolean, field: keyof ItemInput) => (good ? null : fault(field));
const optional = (item: Fields, field: keyof ItemInput, rule: (value: unknown) => Fault | null) =>
  item[field] === undefined ? null : rule(item[field]);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const matches = (value: unknown, shape: RegExp) => typeof value === 'string' && shape.test(value);

function unknownField(item: Fields): Fault | null {
  const name = Object.keys(item).find((key) => !KNOWN.has(key));
  return name === undefined ? null : { code: 'field-unknown', pointer: `/${escapePointer(name)}` };
}

function text(value: unknown, pointer: string, max: number, min = 0): Fault | null {
  if (typeof value !== 'string') return { code: 'text-expected', pointer };
  if (value.length < min || value.length > max)
    return { code: value.length > max ? 'text-too-long' : 'text-empty', pointer };
  return isCleanText(value) ? null : { code: 'text-unclean', pointer };
}

function list(value: unknown, field: 'tags' | 'modelIds', max: number, length: number): Fault | null {
  if (!Array.isArray(value)) return fault(field);
  if (value.length > max) return { code: `${kebab(field)}-too-many`, pointer: `/${field}` };
  for (let i = 0; i < value.length; i++) {
    const found = text(value[i], `/${field}/${i}`, length, 1);
    if (found) return found;
  }
  return null;
}

/** http(s), a path of the platform's own, or an inline raster image; nothing a page could be made to run. */
function isUrl(value: unknown): boolean {
  const url = value as string;
  if (url === '') return true;
  if (/[\p{Cc}\s\\]/u.test(url)) return false;
  if (/^data:image\/(?:png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/=]+$/u.test(url)) return true;
  if (/^https?:\/\//iu.test(url)) return URL.canParse(url);
  return !/^[^/?#]*:/u.test(url) && !url.startsWith('//');
}

/** Browsing-level flags; 0 says "not rated yet", the same as absent. */
const isLevel = (value: unknown) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 64;

const LICENCE = ['commercialUse', 'derivatives', 'noCredit'];
const isLicence = (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(
    ([key, entry]) => LICENCE.includes(key) && (entry === undefined || typeof entry === 'boolean'),
  );

/** Finite, of the right length and long enough to be given unit length in float32. */
function isVector(value: unknown, dims: number): boolean {
  if (!Array.isArray(value) || value.length !== dims || !value.every(isNumber)) return false;
  const length = Math.hypot(...value);
  return Number.isFinite(length) && length > 1e-12;
}

function created(value: unknown): Fault | null {
  const time = parseCreatedAt(value);
  if (time === undefined) return fault('createdAt');
  return time > Date.now() + AHEAD ? { code: 'created-at-in-future', pointer: '/createdAt' } : null;
}

/** Milliseconds since 1970 of an instant, or of a day's beginning in UTC. */
export function parseCreatedAt(value: unknown): number | undefined {
  const time = parseInstant(typeof value === 'string' && DATE.test(value) ? `${value}T00:00Z` : value);
  return time === undefined || time < FIRST ? undefined : time;
}

function attributes(value: unknown): Fault | null {
  const pointer = '/attributes';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fault('attributes');
  if (!isCleanJson(value)) return { code: 'text-unclean', pointer };
  const size = Buffer.byteLength(JSON.stringify(value));
  return size > MAX.attributes ? { code: 'attributes-too-large', pointer } : null;
}

const escapePointer = (name: string) =>
  (name.isWellFormed() ? name : 'field').slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
