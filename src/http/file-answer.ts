import type { Readable } from 'node:stream';
import { Type } from 'typebox';

/** The answer of a route that sends a file as it is. */
export const fileAnswer = <T extends Buffer | Readable = Readable>(type: string, description: string) => ({
  description,
  content: { [type]: { schema: Type.Unsafe<T>({ type: 'string', format: 'binary' }) } },
});
