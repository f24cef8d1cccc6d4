import Fastify from 'fastify';

/** The yardstick: a Fastify route that answers a body as long as a list of recommendations, and does nothing else. */
const body = JSON.stringify({
  items: Array.from({ length: 20 }, (_, i) => ({ id: i, text: 'x'.repeat(330) })),
});
const server = Fastify();
server.get('/users/:id/recommendations', (_request, reply) => reply.type('application/json').send(body));
console.log(await server.listen({ host: '127.0.0.1', port: 0 }));
