import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { guarded } from '../../schemas/problem.ts';
import { HamletError } from '../errors.ts';
import type { EventResult } from '../events/types.ts';
import type { Degraded, Trace } from '../recommend/types.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const STAGE_SECONDS = [5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.5];

export type Metrics = ReturnType<typeof createMetrics>;

/** What Prometheus reads. One registry an app, so that two apps in one process do not meet. */
export function createMetrics(inFlight: () => number, pictures: () => ReadonlyMap<string, number>) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'hamlet_http_request_duration_seconds',
    help: 'From the last byte of the request head to the end of the answer.',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: SECONDS,
    registers,
  });
  const stages = new Histogram({
    name: 'hamlet_pipeline_stage_duration_seconds',
    help: 'Time in each stage of the recommend pipeline.',
    labelNames: ['stage'] as const,
    buckets: STAGE_SECONDS,
    registers,
  });
  const degraded = new Counter({
    name: 'hamlet_degraded_total',
    help: 'Answers that went out without a stage.',
    labelNames: ['stage', 'code'] as const,
    registers,
  });
  const events = new Counter({
    name: 'hamlet_events_total',
    help: 'Events by what became of them.',
    labelNames: ['status'] as const,
    registers,
  });
  const problems = new Counter({
    name: 'hamlet_problems_total',
    help: 'Problems that were answered, by code.',
    labelNames: ['code'] as const,
    registers,
  });
  new Gauge({
    name: 'hamlet_http_in_flight',
    help: 'Requests being served.',
    registers,
    collect() {
      this.set(inFlight());
    },
  });
  new Counter({
    name: 'hamlet_pictures_total',
    help: 'Pictures read, by outcome: loaded, or the code of what went wrong.',
    labelNames: ['outcome'] as const,
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of pictures()) this.labels(outcome).inc(count);
    },
  });

  return {
    answered(request: FastifyRequest, reply: FastifyReply, ms: number): void {
      const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
      const method = request.is404 ? 'any' : request.method;
      duration.labels(route, method, String(reply.statusCode)).observe(ms / 1000);
    },
    traced(trace: Trace): void {
      for (const stage of trace.stages) stages.labels(stage.stage).observe(stage.ms / 1000);
    },
    degraded(parts: readonly Degraded[]): void {
      for (const { stage, code } of parts) degraded.labels(stage, code).inc();
    },
    events(results: readonly EventResult[]): void {
      const counts = new Map<string, number>();
      for (const { status } of results) counts.set(status, (counts.get(status) ?? 0) + 1);
      for (const [status, count] of counts) events.labels(status).inc(count);
    },
    refused(code: string): void {
      problems.labels(code).inc();
    },
    registry,
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** A database that is away is when the other figures are wanted most. */
export function noneWhileAway(error: unknown): [] {
  if (error instanceof HamletError && error.status === 503) return [];
  throw error;
}

export function metricsRoute(app: FastifyInstance, metrics: Metrics): void {
  app.get(
    '/metrics',
    {
      config: { access: 'any-key', always: true },
      schema: {
        operationId: 'getMetrics',
        tags: ['operation'],
        summary: 'Figures for Prometheus.',
        produces: ['text/plain'],
        response: {
          200: {
            description: 'Prometheus text format.',
            content: { 'text/plain': { schema: { type: 'string' } } },
          },
          ...guarded(),
        },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
}
