import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Writes bytes to a listening app as they are and answers everything that came back until the connection ended. */
export async function rawExchange(
  app: FastifyInstance,
  write: (socket: Socket) => unknown,
  patience = 10_000,
): Promise<string> {
  const socket = connect(portOf(app), '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8');
  socket.on('data', (text) => {
    received += text;
  });
  socket.on('error', () => {});
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise((resolve) => socket.once('connect', resolve));
  await write(socket);
  const late = setTimeout(() => socket.destroy(new Error('no end')), patience);
  await ended;
  clearTimeout(late);
  return received;
}

export const portOf = (app: FastifyInstance): number => (app.server.address() as { port: number }).port;
