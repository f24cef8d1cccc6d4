import { type TSchema, Type } from 'typebox';

/** The words that several routes share. Lengths count Unicode code points, as JSON Schema does. */

export const words = <const T extends readonly string[]>(values: T, options: object = {}) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: values, ...options });

/** Any text but NUL, which PostgreSQL cannot hold. (Lone surrogates cannot be said in a pattern; `http/body.ts` refuses them.) */
export const Text = (options: object = {}) => Type.String({ pattern: '^[^\\x00]*$', ...options });

export const Id = Text({ minLength: 1, maxLength: 256, description: 'The platform’s own id.' });

export const ItemKind = words(['image', 'model'], { description: '`model` is a version of a LoRA.' });

/** In paths and queries `image` and `images` mean the same. */
export const KindWord = words(['image', 'images', 'model', 'models'], {
  description: 'Singular and plural mean the same.',
});
export const kindOf = (word: 'image' | 'images' | 'model' | 'models') =>
  word.startsWith('image') ? ('image' as const) : ('model' as const);

export const Level = Type.Unsafe<1 | 2 | 4 | 8 | 16>({
  type: 'integer',
  enum: [1, 2, 4, 8, 16],
  description: 'Highest browsing level: 1 PG, 2 PG13, 4 R, 8 X, 16 XXX. Never above the key’s.',
});

export const Limit = Type.Integer({ minimum: 1, maximum: 100, default: 20 });

export const Tags = Type.Array(Text({ minLength: 1, maxLength: 64 }), {
  maxItems: 20,
  description: 'Keep items that carry at least one of these tags.',
});

const CLEAN = { type: 'string', pattern: '^[^\\x00]*$' };

/** Any JSON without NUL in its texts and names. */
export const Json = Type.Unsafe<unknown>({
  $id: 'Json',
  anyOf: [
    CLEAN,
    { type: ['number', 'boolean', 'null'] },
    { type: 'array', items: { $ref: 'Json#' } },
    { type: 'object', propertyNames: CLEAN, additionalProperties: { $ref: 'Json#' } },
  ],
});

/** Whatever the platform wants back. */
export const Attributes = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  propertyNames: CLEAN,
  additionalProperties: { $ref: 'Json#' },
  description: 'Whatever else the platform wants back; at most 16 KiB as JSON, 30 levels deep.',
});

/** `Type.Unsafe` because fast-json-stringify writes this form without a validator at run time. */
export const OpenObject = (options: object = {}) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, ...options });
export const TextByName = Type.Unsafe<Record<string, string>>({
  type: 'object',
  additionalProperties: { type: 'string' },
});
export const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
export const Time = Type.String({ format: 'date-time' });

/** Bodies, queries and paths: what is not named is refused. */
export const Strict = { additionalProperties: false } as const;

/** An element that is judged by itself: what does not fit is rejected alone and does not fail the request. */
export const orAnything = <T extends TSchema>(schema: T) =>
  Type.Union([schema, Type.Unknown({ description: 'Anything else is answered as rejected.' })]);
