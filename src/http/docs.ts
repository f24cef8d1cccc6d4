import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What OpenAPI shows as the body where the route itself judges more leniently, or line by line. */
    documentedBody?: TSchema | { content: Record<string, { schema: TSchema }> };
  }
}

const ABOUT = `Recommendations of images and LoRA models with reasons one can check.

Errors are RFC 9457 problems with a stable \`code\`. While no API key exists, only the machine itself may ask.`;

/** Collects the routes that are added after it into one OpenAPI document. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Hamlet',
        version: '0.1.0',
        description: ABOUT,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as never,
      },
      tags: [
        { name: 'recommend', description: 'Lists, neighbours, search. Scope `serve`.' },
        { name: 'ingest', description: 'Items and events. Scope `ingest`.' },
        { name: 'people', description: 'What is held of a person. Scope `ingest`.' },
        { name: 'admin', description: 'Keys, models, upkeep. Scope `admin`.' },
        { name: 'operation', description: 'Health and figures.' },
      ],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    hideUntagged: true,
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, i) => String(schema.$id ?? `schema-${i}`),
    },
    transform: ({ schema, url, route }) => {
      const { documentedBody } = route.config ?? {};
      return {
        url,
        schema: { ...schema, ...(documentedBody ? { body: documentedBody } : {}) },
      };
    },
  });
}

/** Swagger UI’s own, of this service alone; the digest is of the one style that its script writes into an element. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-hashes' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Swagger UI at /docs: a page for people, open like the document it shows. */
export async function docsRoutes(app: FastifyInstance): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, access: 'public' };
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: POLICY,
    // All routes at once take seconds to draw. No picture of whether the document is valid: another’s server draws it.
    uiConfig: { docExpansion: 'none', validatorUrl: null },
  });
}
