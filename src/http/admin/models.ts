import {
  Artifact,
  ArtifactInForce,
  ArtifactKindPath,
  ArtifactList,
  ArtifactPath,
  ArtifactRolledBackTo,
  NewArtifact,
} from '../../../schemas/admin.ts';
import { guarded } from '../../../schemas/problem.ts';
import type { Routes } from '../app-instance.ts';
import type { ArtifactRow, HttpParts } from '../ports.ts';

export function modelRoutes(app: Routes, { registry }: HttpParts): void {
  const config = { access: 'admin' } as const;

  app.get(
    '/admin/models',
    {
      config,
      schema: {
        operationId: 'listModels',
        tags: ['admin'],
        summary: 'The artifacts in the registry, newest first.',
        response: { 200: ArtifactList, ...guarded() },
      },
    },
    async () => ({ models: (await registry.list()).map(told) }),
  );

  app.post(
    '/admin/models',
    {
      config,
      schema: {
        operationId: 'addModel',
        tags: ['admin'],
        summary:
          'Enters an artifact that was made elsewhere as a candidate, once every file is what it says.',
        body: NewArtifact,
        response: { 201: Artifact, ...guarded(422) },
      },
    },
    async (request, reply) => reply.code(201).send(told(await registry.add(request.body.folder))),
  );

  app.post(
    '/admin/models/:kind/:version/promote',
    {
      config,
      schema: {
        operationId: 'promoteModel',
        tags: ['admin'],
        summary: 'Puts a version in force; replicas take it up within seconds.',
        params: ArtifactPath,
        response: { 200: ArtifactInForce, ...guarded(404, 409) },
      },
    },
    async (request) => {
      const { kind, version } = request.params;
      await registry.promote(kind, version);
      return { kind, version };
    },
  );

  app.post(
    '/admin/models/:kind/rollback',
    {
      config,
      schema: {
        operationId: 'rollbackModel',
        tags: ['admin'],
        summary: 'Puts the version before back in force; from the first one on none is, and defaults serve.',
        params: ArtifactKindPath,
        response: { 200: ArtifactRolledBackTo, ...guarded(404, 409) },
      },
    },
    async (request) => {
      const { kind } = request.params;
      return { kind, version: (await registry.rollback(kind))?.version ?? null };
    },
  );
}

/** Without its manifest, which names every file. */
const told = ({ kind, version, state, metrics, createdAt, promotedAt }: ArtifactRow): ArtifactRow => ({
  ...{ kind, version, state },
  ...{ metrics, createdAt, promotedAt },
});
