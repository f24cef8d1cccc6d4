import type { FastifyInstance } from 'fastify';

/**
 * Closing lets requests in flight finish, but not for ever: what has not ended after `patience`
 * milliseconds is cut. Answers whether closing has begun.
 */
export function closeInTime(app: FastifyInstance, patience: number): () => boolean {
  let closing = false;
  app.addHook('preClose', (done) => {
    closing = true;
    const end = setTimeout(() => app.server.closeAllConnections(), patience);
    app.server.once('close', () => clearTimeout(end));
    end.unref();
    done();
  });
  return () => closing;
}
