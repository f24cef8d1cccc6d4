import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance } from 'fastify';
import { Problem } from '../../schemas/problem.ts';
import { Json } from '../../schemas/words.ts';
import { openConsole } from '../console/index.ts';
import { dpoRoutes } from './admin/dpo.ts';
import { embeddingRoutes } from './admin/embeddings.ts';
import { evaluationRoutes } from './admin/evaluations.ts';
import { experimentSnapshotRoutes } from './admin/experiment-snapshots.ts';
import { experimentRoutes } from './admin/experiments.ts';
import { heldBackRoutes } from './admin/held-back.ts';
import { keyRoutes } from './admin/keys.ts';
import { maintenanceRoutes } from './admin/maintenance.ts';
import { modelRoutes } from './admin/models.ts';
import { moderationRoutes } from './admin/moderation.ts';
import { offPolicyRoutes } from './admin/off-policy.ts';
import { partRoutes } from './admin/parts.ts';
import { trainingRoutes } from './admin/trainings.ts';
import { w2wEditRoutes } from './admin/w2w-edits.ts';
import { w2wPersonalizationRoutes } from './admin/w2w-personalizations.ts';
import { w2wSpaceRoutes } from './admin/w2w-spaces.ts';
import { authenticate } from './auth.ts';
import { takeJson } from './body.ts';
import { answerBrokenHttp } from './broken-http.ts';
import { callerRoute } from './caller.ts';
import { measureCatalog } from './catalog-metrics.ts';
import { consoleRoutes } from './console.ts';
import { describeRoutes, docsRoutes } from './docs.ts';
import { closeInTime } from './draining.ts';
import { eventRoutes } from './events.ts';
import { healthRoutes } from './health.ts';
import { historyRoutes } from './histories.ts';
import { itemRoutes } from './items.ts';
import { bulkItemRoutes } from './items-bulk.ts';
import { limitRate, shedLoad } from './limits.ts';
import { createMetrics, metricsRoute } from './metrics.ts';
import { answerUnknown } from './not-found.ts';
import { pictureRoutes } from './pictures.ts';
import type { HttpParts } from './ports.ts';
import { errorHandler, problemOf, sendProblem } from './problem.ts';
import { recommendationRoutes } from './recommendations.ts';
import { reportRoutes } from './reports.ts';
import { requestIdOf, watchRequests } from './requests.ts';
import { buildSerializer } from './serializers.ts';
import { similarRoutes } from './similar.ts';
import { tasteRoutes } from './tastes.ts';
import { measureTrainings } from './training-metrics.ts';
import { userRoutes } from './users.ts';
import { validatorCompiler } from './validation.ts';
import { measureVlm } from './vlm-metrics.ts';

const BODY_LIMIT = 1024 * 1024;

export type HttpTimes = {
  /** Milliseconds a whole request may take to arrive. */
  arrival: number;
  /** How often that is looked at. */
  check: number;
  /** Milliseconds in which requests in flight may finish when closing. */
  drain: number;
};
const TIMES: HttpTimes = { arrival: 120_000, check: 5_000, drain: 20_000 };

/**
 * The HTTP side of Hamlet, ready to listen: what every request goes through, then the routes, one
 * file a resource. Builds no part itself.
 */
export async function buildHttp(parts: HttpParts, given: Partial<HttpTimes> = {}): Promise<FastifyInstance> {
  const times = { ...TIMES, ...given };
  const { config, log } = parts;
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: times.arrival,
    trustProxy: config.TRUST_PROXY.size > 0 ? [...config.TRUST_PROXY] : false,
    http: { headersTimeout: Math.min(times.arrival, 15_000), connectionsCheckingInterval: times.check },
    exposeHeadRoutes: false,
    // A request that came in while closing is served like the others; Connection: close ends the rest.
    return503OnClosing: false,
    genReqId: requestIdOf,
    routerOptions: { maxParamLength: 16_384 },
    schemaController: { compilersFactory: { buildSerializer } },
    clientErrorHandler: answerBrokenHttp,
    frameworkErrors: (error, request, reply) => sendProblem(reply, problemOf(error, request.id)),
  }).withTypeProvider<TypeBoxTypeProvider>();

  const inFlight = { now: 0 };
  const metrics = createMetrics(
    () => inFlight.now,
    () => parts.images.outcomes(),
  );
  measureTrainings(metrics.registry, parts);
  if (parts.vlm) measureVlm(metrics.registry, parts.vlm);
  measureCatalog(metrics.registry, parts);
  const draining = closeInTime(app, times.drain);
  app.addSchema(Problem);
  app.addSchema(Json);
  app.setValidatorCompiler(validatorCompiler);
  const pages = openConsole();
  app.setErrorHandler(errorHandler(log, answerUnknown(app, pages), metrics.refused));
  takeJson(app);

  watchRequests(app, inFlight, metrics, log);
  await shedLoad(app, config, () => inFlight.now);
  authenticate(app, parts.keys);
  await limitRate(app, config.RATE_LIMIT);

  await describeRoutes(app);
  recommendationRoutes(app, parts, metrics);
  similarRoutes(app, parts, metrics);
  eventRoutes(app, parts, metrics);
  itemRoutes(app, parts);
  await app.register((inner) => bulkItemRoutes(inner.withTypeProvider<TypeBoxTypeProvider>(), parts));
  userRoutes(app, parts);
  historyRoutes(app, parts);
  tasteRoutes(app, parts);
  callerRoute(app);
  keyRoutes(app, parts);
  modelRoutes(app, parts);
  heldBackRoutes(app, parts);
  moderationRoutes(app, parts);
  reportRoutes(app, parts);
  embeddingRoutes(app, parts);
  evaluationRoutes(app, parts);
  experimentRoutes(app, parts);
  experimentSnapshotRoutes(app, parts);
  offPolicyRoutes(app, parts);
  maintenanceRoutes(app, parts);
  partRoutes(app, parts);
  trainingRoutes(app, parts, draining);
  w2wSpaceRoutes(app, parts);
  w2wEditRoutes(app, parts);
  w2wPersonalizationRoutes(app, parts);
  dpoRoutes(app, parts);
  healthRoutes(app, parts, draining);
  metricsRoute(app, metrics);
  pictureRoutes(app, parts);
  consoleRoutes(app, pages);
  await app.register(docsRoutes);
  return app as unknown as FastifyInstance;
}
