import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Json } from '../../schemas/words.ts';

/** One thing wrong with a request: where (JSON pointer) and what. */
export type Fault = { pointer: string; detail: string };

/**
 * Compiles a route's schemas once. Bodies are taken as they are; in queries and paths, where all is
 * text, integers and booleans are read and a single value may stand for a list of one.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile({ 'Json#': Json }, schema);
  const read = httpPart === 'body' ? undefined : readerOf(schema);
  return (value: unknown) => {
    const given = read ? read(value as Record<string, unknown>) : value;
    return check.Check(given)
      ? { value: given }
      : { error: check.Errors(given) as unknown as FastifySchemaValidationError[] };
  };
};

function readerOf(schema: TSchema) {
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {};
  const typed = Object.entries(properties).filter(([, property]) => property.type !== 'string');
  return (given: Record<string, unknown>) => {
    for (const [name, { type }] of typed) {
      const value = given[name];
      if (typeof value !== 'string') continue;
      if (type === 'array') given[name] = [value];
      else if (type === 'integer' && /^-?\d{1,15}$/u.test(value)) given[name] = Number(value);
      else if (type === 'boolean' && (value === 'true' || value === 'false')) given[name] = value === 'true';
    }
    return given;
  };
}

const MAX_FAULTS = 8;

export function faultsOf(errors: readonly FastifySchemaValidationError[]): Fault[] {
  return errors.slice(0, MAX_FAULTS).flatMap((error) => {
    const at = error.instancePath;
    const { additionalProperties, requiredProperties, allowedValues } = error.params as {
      additionalProperties?: string[];
      requiredProperties?: string[];
      allowedValues?: unknown[];
    };
    if (error.keyword === 'additionalProperties' && additionalProperties)
      return additionalProperties
        .slice(0, MAX_FAULTS)
        .map((name) => ({ pointer: `${at}/${escapePointer(name)}`, detail: 'is not known here' }));
    if (error.keyword === 'required' && requiredProperties)
      return requiredProperties.map((name) => ({ pointer: `${at}/${name}`, detail: 'is missing' }));
    if (error.keyword === 'enum' && allowedValues)
      return [{ pointer: at, detail: `must be one of ${allowedValues.join(', ')}` }];
    // `boolean` repeats what `additionalProperties` said.
    if (error.keyword === 'boolean') return [];
    return [{ pointer: at, detail: error.message ?? 'is not valid' }];
  });
}

/** RFC 6901; the name is the caller's, so it is cut and made well-formed. */
export const escapePointer = (name: string) =>
  name.slice(0, 100).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');
