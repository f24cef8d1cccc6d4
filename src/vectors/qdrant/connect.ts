import { QdrantClient } from '@qdrant/js-client-rest';
import { badInput } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { patiently } from './retry.ts';

/** Milliseconds a call may take with all its tries: what a person waits for, and what keeps the index. */
const SERVE_MS = 2_000;
const MAINTAIN_MS = 10_000;

type Call = <T>(call: (client: QdrantClient) => Promise<T>) => Promise<T>;
export type Connection = { serve: Call; maintain: Call };

/** Connects with the first call, not now. */
export function connect(at: { url: string; apiKey?: string }, log: Log): Connection {
  const client = (timeout: number) =>
    new QdrantClient({
      ...address(at.url),
      timeout,
      checkCompatibility: false,
      // As a header: given as `apiKey` the client prints its own warning on standard error.
      headers: at.apiKey === undefined ? {} : { 'api-key': at.apiKey },
    });
  if (at.apiKey !== undefined && at.url.startsWith('http:'))
    log.warn('the Qdrant API key travels unencrypted: VECTORS_URL is http');
  const [serving, maintaining] = [client(SERVE_MS), client(MAINTAIN_MS)];
  return {
    serve: (call) => patiently(SERVE_MS, () => call(serving)),
    maintain: (call) => patiently(MAINTAIN_MS, () => call(maintaining)),
  };
}

/** The client takes a URL apart into host and port only, and puts 6333 where the port is a scheme's own. */
export function address(text: string) {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw badInput('vectors-url-invalid', 'VECTORS_URL is not an http or https URL.');
  const url = new URL(text);
  const port = url.port ? Number(url.port) : /^https?:\/\/[^/]*:\d+(\/|$)/i.test(text) ? null : 6333;
  return {
    host: url.hostname,
    port: port as number,
    https: url.protocol === 'https:',
    prefix: url.pathname.replace(/\/+$/, ''),
  };
}
