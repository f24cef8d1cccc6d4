import {
  Experiment,
  ExperimentDefinition,
  ExperimentHistory,
  ExperimentList,
  ExperimentPath,
  ExperimentReport,
  PauseBody,
  PlanQuery,
  RampBody,
  ReportQuery,
  VariantBody,
} from '../../../schemas/experiment.ts';
import { guarded } from '../../../schemas/problem.ts';
import { OpenObject } from '../../../schemas/words.ts';
import type { Routes } from '../app-instance.ts';
import type { HttpParts } from '../ports.ts';

export function experimentRoutes(app: Routes, { experiments }: HttpParts): void {
  const config = { access: 'admin' } as const;
  const tags = ['experiments'];

  app.get(
    '/admin/experiments',
    {
      config,
      schema: {
        ...{ operationId: 'listExperiments', tags, summary: 'Every experiment by the version in force.' },
        response: { 200: ExperimentList, ...guarded() },
      },
    },
    async () => ({ experiments: await experiments.list() }),
  );

  app.get(
    '/admin/experiments/:key',
    {
      config,
      schema: {
        ...{ operationId: 'getExperiment', tags, summary: 'An experiment.' },
        params: ExperimentPath,
        response: { 200: Experiment, ...guarded(404) },
      },
    },
    (request) => experiments.get(request.params.key),
  );

  app.put(
    '/admin/experiments/:key',
    {
      config,
      schema: {
        ...{ operationId: 'putExperiment', tags },
        summary: 'Writes an experiment down, or edits it: what has run keeps its version and gets a new one.',
        params: ExperimentPath,
        body: ExperimentDefinition,
        response: { 200: Experiment, 201: Experiment, ...guarded(404, 409) },
      },
    },
    async (request, reply) => {
      const { experiment, created } = await experiments.put(request.params.key, request.body);
      return reply.code(created ? 201 : 200).send(experiment);
    },
  );

  app.get(
    '/admin/experiments/:key/changes',
    {
      config,
      schema: {
        ...{ operationId: 'listExperimentChanges', tags },
        summary: 'What was done to it, by hand or by a guardrail, oldest first.',
        params: ExperimentPath,
        response: { 200: ExperimentHistory, ...guarded(404) },
      },
    },
    async (request) => ({ changes: await experiments.changes(request.params.key) }),
  );

  app.get(
    '/admin/experiments/:key/report',
    {
      config,
      schema: {
        ...{ operationId: 'getExperimentReport', tags },
        summary: 'What it shows so far. Safe to ask at any time: the verdict reads always-valid intervals.',
        params: ExperimentPath,
        querystring: ReportQuery,
        response: { 200: ExperimentReport, ...guarded(404, 409) },
      },
    },
    (request) => experiments.report(request.params.key, request.query.version),
  );

  app.get(
    '/admin/experiments/:key/plan',
    {
      config,
      schema: {
        ...{ operationId: 'planExperiment', tags },
        summary:
          'What it could see: minimum detectable effects and the people it needs, from the last days’ lists.',
        params: ExperimentPath,
        querystring: PlanQuery,
        response: { 200: OpenObject(), ...guarded(404) },
      },
    },
    (request) => experiments.plan(request.params.key, request.query.days ?? 14),
  );

  const SUMMARY = {
    start:
      'Starts or resumes it. Refused when a variant names what does not exist, or people could be in two at once.',
    stop: 'Ends it for good; everyone gets the default pipeline.',
    demote: 'Takes a promoted winner out of the default pipeline.',
  };
  for (const act of ['start', 'stop', 'demote'] as const)
    app.post(
      `/admin/experiments/:key/${act}`,
      {
        config,
        schema: {
          ...{ operationId: `${act}Experiment`, tags, summary: SUMMARY[act] },
          params: ExperimentPath,
          response: { 200: Experiment, ...guarded(404, 409) },
        },
      },
      (request) => experiments[act](request.params.key),
    );

  app.post(
    '/admin/experiments/:key/pause',
    {
      config,
      schema: {
        ...{ operationId: 'pauseExperiment', tags, summary: 'Pauses it, or one of its variants.' },
        params: ExperimentPath,
        body: PauseBody,
        response: { 200: Experiment, ...guarded(404, 409) },
      },
    },
    (request) => experiments.pause(request.params.key, request.body.variant, request.body.reason),
  );

  app.post(
    '/admin/experiments/:key/ramp',
    {
      config,
      schema: {
        ...{ operationId: 'rampExperiment', tags, summary: 'Reaches more people; nobody changes variant.' },
        params: ExperimentPath,
        body: RampBody,
        response: { 200: Experiment, ...guarded(404, 409) },
      },
    },
    (request) => experiments.ramp(request.params.key, request.body.coverage),
  );

  app.post(
    '/admin/experiments/:key/promote',
    {
      config,
      schema: {
        ...{ operationId: 'promoteVariant', tags },
        summary: 'Makes a variant the default pipeline of everyone the experiment was aimed at, and ends it.',
        params: ExperimentPath,
        body: VariantBody,
        response: { 200: Experiment, ...guarded(404, 409) },
      },
    },
    (request) => experiments.promote(request.params.key, request.body.variant),
  );
}
