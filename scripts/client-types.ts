import { writeFileSync } from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import ts from 'typescript';

export const CLIENT_TYPES = new URL('../client/openapi.d.ts', import.meta.url);
const NEVER = ts.factory.createKeywordTypeNode(ts.SyntaxKind.NeverKeyword);

/**
 * The client's types, from openapi.yaml. Batches take “an event, or anything else, which is rejected”; as a type
 * that would be `unknown`, and callers' mistakes would go unseen: the second half is left out.
 */
export async function clientTypes(): Promise<string> {
  const nodes = await openapiTS(new URL('../openapi.yaml', import.meta.url), {
    postTransform: (type, { path }) =>
      type.kind === ts.SyntaxKind.UnknownKeyword && /\/anyOf\/\d+$/.test(path ?? '') ? NEVER : undefined,
  });
  return COMMENT_HEADER + astToString(nodes);
}

/** Part of `npm run openapi`. */
if (import.meta.main) writeFileSync(CLIENT_TYPES, await clientTypes());
