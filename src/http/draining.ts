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
    // A connection that falls idle after closing began would otherwise be kept alive for its next request.
    const idle = setInterval(() => app.server.closeIdleConnections(), 50);
    app.server.once('close', () => {
      clearTimeout(end);
      clearInterval(idle);
    });
    end.unref();
    idle.unref();
    done();
  });
  return () => closing;
}
