import { readFileSync } from 'node:fs';
import t from 'tap';
import { buildHttp } from '../../../src/http/index.ts';
import { OPENAPI_FILE, openApiYaml } from '../../../src/http/openapi.ts';
import { fakeParts } from '../../support/fakes.ts';

t.test('openapi.yaml is what the routes say (npm run openapi writes it)', async (t) => {
  t.equal(readFileSync(OPENAPI_FILE, 'utf8'), await openApiYaml());
});

t.test('every operation has a name, a summary, security and its problems', async (t) => {
  const app = await buildHttp(fakeParts().parts);
  t.teardown(() => app.close());
  await app.ready();
  const document = app.swagger() as unknown as {
    openapi: string;
    security: unknown[];
    paths: Record<string, Record<string, Operation>>;
  };
  t.equal(document.openapi, '3.1.0');
  t.same(document.security, [{ key: [] }]);
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  t.ok(operations.length >= 24);
  t.equal(new Set(operations.map((one) => one.operationId)).size, operations.length, 'names are unique');
  for (const { operationId, summary, tags, security, responses } of operations) {
    t.match(operationId, /^[a-z][A-Za-z]+$/u);
    t.ok(summary && tags?.length === 1, operationId);
    const open = security?.length === 0;
    for (const status of open ? [] : ['400', '401', '403', '429', '503'])
      t.ok(
        operationId === 'getMetrics' || responses[status]?.content?.['application/problem+json'],
        `${operationId} ${status}`,
      );
  }
});

type Operation = {
  operationId: string;
  summary?: string;
  tags?: string[];
  security?: unknown[];
  responses: Record<string, { content?: Record<string, unknown> }>;
};
