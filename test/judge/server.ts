import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClipEncoder, readClipFolder } from '../../src/models/index.ts';
import type { Random } from '../../src/recommend/random.ts';
import { type Behaviour, erring, FAULTLESS, malformed, randomFor, type Score } from './behaviour.ts';
import { type Question, readQuestion } from './request.ts';
import { type Eyes, openSight, type Sight } from './sight.ts';
import { describe, worthOf } from './taste.ts';

/**
 * A server that speaks the OpenAI chat API and judges pictures by what it sees in them and what it reads about a
 * person. It knows nothing but the request. How it errs is set from outside, and may be changed while it runs.
 */
export type Judge = {
  /** To be used as VLM_BASE_URL. */
  url: string;
  behaviour: Behaviour;
  /** From now on it errs in these ways and no other. */
  erring(ways: Partial<Behaviour>): void;
  /** Requests by what became of them. */
  counts: Record<string, number>;
  close(): Promise<void>;
};

const WEIGHTS = resolve(import.meta.dirname, '../../weights/clip');

export async function startJudge({
  port = 0,
  seed = 1,
  key,
  ...behaviour
}: Partial<Behaviour> & { port?: number; seed?: number; key?: string } = {}): Promise<Judge> {
  const encoder = createClipEncoder(await readClipFolder(WEIGHTS));
  const eyes = await openSight(encoder);
  const asked = new Map<string, number>();
  const judge: Judge = {
    url: '',
    behaviour: { ...FAULTLESS, ...behaviour },
    erring(ways) {
      judge.behaviour = { ...FAULTLESS, ...ways };
    },
    counts: {},
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      eyes.close();
      await encoder.close();
    },
  };
  const count = (what: string) => {
    judge.counts[what] = (judge.counts[what] ?? 0) + 1;
  };

  /** The same question asked again is another draw. */
  function drawsFor(body: string): Random {
    const digest = createHash('sha256').update(body).digest('base64');
    const times = (asked.get(digest) ?? 0) + 1;
    asked.set(digest, times);
    return randomFor(createHash('sha256').update(`${seed} ${digest} ${times}`).digest());
  }

  const server = createServer(async (request, response) => {
    try {
      if (key !== undefined && request.headers.authorization !== `Bearer ${key}`)
        return send(response, 401, problem('Incorrect API key provided', 'invalid_api_key'));
      if (request.method === 'GET' && request.url?.endsWith('/models'))
        return send(response, 200, { object: 'list', data: [{ id: 'judge', object: 'model' }] });
      if (request.method !== 'POST' || !request.url?.endsWith('/chat/completions'))
        return send(response, 404, problem('no such route', 'not_found'));
      const body = await textOf(request);
      count(await answer(body, response, { eyes, behaviour: judge.behaviour, random: drawsFor(body) }));
    } catch (error) {
      if (!response.headersSent) send(response, 400, problem((error as Error).message, 'invalid_request'));
      else response.destroy();
      count('invalid');
    }
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  judge.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return judge;
}

type Mind = { eyes: Eyes; behaviour: Behaviour; random: Random };

/** @returns what became of it */
async function answer(body: string, response: ServerResponse, mind: Mind): Promise<string> {
  const { behaviour, random } = mind;
  const happens = (share: number) => random.next() < share;
  if (happens(behaviour.busy)) {
    const status = random.next() < 0.5 ? 429 : 500;
    send(response, status, problem('come again', 'busy'), status === 429 ? { 'retry-after': '0' } : {});
    return 'busy';
  }
  if (happens(behaviour.garbage)) {
    await pourGarbage(response, random);
    return 'garbage';
  }
  const request = JSON.parse(body) as { model?: string; stream?: boolean };
  const question = readQuestion(request);
  if (happens(behaviour.slow)) await sleep(behaviour.slowMs);
  if (happens(behaviour.refused)) {
    send(response, 200, completion(request.model, { refusal: 'I cannot help with that.', content: null }, 0));
    return 'refused';
  }
  const { text, tokens } = await think(question, mind);
  const isMalformed = happens(behaviour.malformed);
  const content = isMalformed ? malformed(text, random) : text;
  const used = Math.ceil(body.replaceAll(/data:image\/[^"]*/gu, '').length / 4) + tokens;
  send(response, 200, completion(request.model, { content }, used));
  return isMalformed ? 'malformed' : 'answered';
}

async function think(question: Question, { eyes, behaviour, random }: Mind) {
  const look = (pictures: string[]) => Promise.all(pictures.map((picture) => eyes.see(picture)));
  if (question.task === 'describe') {
    const sights = await look(question.pictures);
    return { text: JSON.stringify(describe(sights)), tokens: tokensOf(sights) };
  }
  if (question.task === 'choose') {
    const sights = await look(question.pictures);
    const item = { label: '', words: '', pictures: [] };
    const worths = sights.map((sight) => worthOf(item, [sight], [question.preference]));
    const [first = 0, second = 0] = erring(worths, behaviour, random);
    return { text: JSON.stringify({ better: second > first ? 2 : 1 }), tokens: tokensOf(sights) };
  }
  const { items, preferences, orders } = question;
  const sights = await Promise.all(items.map(({ pictures }) => look(pictures)));
  const worths = items.map((item, n) => worthOf(item, sights[n]!, preferences));
  const scores = erring(worths, behaviour, random);
  const told = behaviour.gullible ? /score (?:it |this )?(\d+)/iu.exec(orders.join('\n'))?.[1] : undefined;
  const given = items.map(
    ({ label }, n): Score => ({
      item: label,
      score: told === undefined ? scores[n]! : Number(told),
      ...reasonFor(sights[n]![0]),
      preferences: preferences.slice(0, 1).map(({ id }) => id),
    }),
  );
  const kept = given.filter(() => random.next() >= behaviour.missing);
  return { text: JSON.stringify({ scores: kept }), tokens: tokensOf(sights.flat()) };
}

/** Names what is most surely seen. */
function reasonFor(sight: Sight | undefined): Pick<Score, 'reason' | 'attributes'> {
  if (sight === undefined) return { reason: 'Known by its words alone.', attributes: [] };
  const likeliest = (chances: Map<string, number>) => [...chances].sort(([, a], [, b]) => b - a)[0]![0];
  const attributes = [likeliest(sight.style), likeliest(sight.palette)].map((name) => name.replace('-', ' '));
  return { reason: `It is ${attributes.join(' in the colours of ')}.`, attributes };
}

const tokensOf = (sights: Sight[]): number => sights.reduce((sum, { tokens }) => sum + tokens, 0);

function completion(model = 'judge', message: { content: string | null; refusal?: string }, prompt: number) {
  const completion_tokens = Math.ceil((message.content?.length ?? 0) / 4);
  return {
    ...{ id: 'chatcmpl-judge', object: 'chat.completion', created: 0, model },
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', ...message } }],
    usage: { prompt_tokens: prompt, completion_tokens, total_tokens: prompt + completion_tokens },
  };
}

const problem = (message: string, code: string) => ({ error: { message, type: code, code } });

function send(response: ServerResponse, status: number, body: object, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Until the caller has had enough. */
async function pourGarbage(response: ServerResponse, random: Random): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  while (!response.destroyed) {
    response.write(Buffer.from(Array.from({ length: 1024 }, () => Math.floor(random.next() * 256))));
    await sleep(5);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
