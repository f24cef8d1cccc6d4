import { lookup } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { badInput, HamletError, unavailable } from '../errors.ts';
import { LIMITS } from './decode.ts';
import { publicLookup, refusePrivateLiteral } from './public-address.ts';

export type DownloadOptions = {
  /** Hosts that may be at private addresses. */
  trustedHosts: ReadonlySet<string>;
  /** Milliseconds for the whole of it, redirects included. */
  timeoutMs?: number;
  resolve?: typeof lookup;
};
export type Downloader = { get(url: string, signal?: AbortSignal): Promise<Buffer>; close(): void };

const TIMEOUT_MS = 10_000;
const REDIRECTS = 4;
const REDIRECT_STATUS = new Set([301, 302, 303, 307, 308]);

/** Fetches pictures by http(s) from public addresses, each hop checked, within a time and a size. */
export function createDownloader({
  trustedHosts,
  timeoutMs = TIMEOUT_MS,
  resolve,
}: DownloadOptions): Downloader {
  const lookupPublic = publicLookup(resolve);
  const lookupAny = resolve ?? lookup;
  // Agents of its own: a socket that another part of the process opened is never used again here.
  const agents = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true }),
  };

  function ask(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const trusted = trustedHosts.has(url.hostname);
    if (!trusted) refusePrivateLiteral(url.hostname);
    const { request } = url.protocol === 'https:' ? https : http;
    const options = {
      ...{ agent: agents[url.protocol as keyof typeof agents], signal, maxHeaderSize: 16_384 },
      ...{
        lookup: trusted ? lookupAny : lookupPublic,
        headers: { accept: 'image/*', 'user-agent': 'hamlet' },
      },
    };
    return new Promise((answer, fail) => request(url, options, answer).on('error', fail).end());
  }

  async function follow(start: string, signal: AbortSignal): Promise<Buffer> {
    let url = readUrl(start);
    for (let hop = 0; hop <= REDIRECTS; hop++) {
      const response = await ask(url, signal);
      const { statusCode = 0, headers } = response;
      if (statusCode === 200) return await readAll(response);
      response.destroy();
      if (!REDIRECT_STATUS.has(statusCode) || headers.location === undefined)
        throw badStatus(url, statusCode);
      url = readUrl(headers.location, url);
    }
    throw badInput('url-redirects', `${url.host} redirects more than ${REDIRECTS} times.`);
  }

  return {
    async get(url, signal) {
      const late = AbortSignal.timeout(timeoutMs);
      try {
        return await follow(url, signal ? AbortSignal.any([signal, late]) : late);
      } catch (error) {
        if (error instanceof HamletError) throw error;
        if (late.aborted)
          throw unavailable('url-timeout', `No picture within ${timeoutMs / 1000} seconds.`, 60, error);
        throw unavailable('url-unreachable', `No picture: ${(error as Error).message}`, 60, error);
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** @throws HamletError `url-invalid` for anything but http(s) without a password in it */
function readUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username !== '' ||
    url.password !== ''
  )
    throw badInput('url-invalid', 'A picture is fetched by an http or https URL without a password.');
  return url;
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const tooLarge = () => {
    response.destroy();
    return badInput('image-too-large', `The picture has more than ${LIMITS.bytes} bytes.`);
  };
  if (Number(response.headers['content-length'] ?? 0) > LIMITS.bytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMITS.bytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What is gone stays gone; a server in trouble, or one that asks for patience, may answer later. */
function badStatus(url: URL, status: number): HamletError {
  const message = `${url.host} answers ${status}.`;
  if (status >= 500 || status === 429 || status === 408) return unavailable('url-unreachable', message, 60);
  return badInput('url-status', message);
}
