import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it went through, with what was answered. */
export type Exchange = { method: string; path: string; body: unknown; status: number; answer: unknown };

export type FaultyProxy = {
  url: string;
  exchanges: Exchange[];
  /** Answers in place of the server for as long as it is set; undefined lets through. */
  fault: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
};

/** Stands before a server: keeps what passes, and misbehaves when told to. */
export async function faultyProxy(
  t: { teardown(fn: () => unknown): void },
  target: string,
): Promise<FaultyProxy> {
  const proxy: FaultyProxy = { url: '', exchanges: [], fault: undefined };
  const server = createServer(async (incoming, response) => {
    if (proxy.fault) return proxy.fault(incoming, response);
    const body = await text(incoming);
    const { method = '', url: path = '', headers } = incoming;
    const onward = request(new URL(path, target), { method, headers }, async (answer) => {
      const told = await text(answer);
      const json = answer.headers['content-type'] === 'application/json';
      proxy.exchanges.push({
        ...{ method, path, body: body ? JSON.parse(body) : undefined },
        ...{ status: answer.statusCode!, answer: json ? JSON.parse(told) : told },
      });
      response.writeHead(answer.statusCode!, answer.headers).end(told);
    });
    onward.on('error', () => response.destroy());
    onward.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

async function text(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
