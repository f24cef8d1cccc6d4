import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Reply = (body: ChatRequest, response: ServerResponse, request: IncomingMessage) => unknown;
export type ChatRequest = { messages: { role: string; content: unknown }[]; response_format?: unknown };

/** An OpenAI-compatible endpoint that answers what the test says, and remembers what it was asked. */
export async function chatServer(t: { teardown(close: () => unknown): void }, reply: Reply) {
  const asked: ChatRequest[] = [];
  const state = { reply };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as ChatRequest;
    asked.push(body);
    await state.reply(body, response, request);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked, state };
}

export const says = (response: ServerResponse, content: string | null, more: object = {}): void =>
  sends(response, 200, {
    ...{ id: 'c', object: 'chat.completion', created: 0, model: 'm' },
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content, ...more } }],
    usage: { prompt_tokens: 90, completion_tokens: 10, total_tokens: 100 },
  });

export const sends = (response: ServerResponse, status: number, body: object, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
