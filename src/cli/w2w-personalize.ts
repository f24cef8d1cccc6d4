import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HamletError } from '../errors.ts';
import type { Personalization, Space } from '../w2w/index.ts';
import { progressBar } from './output.ts';

export type Asked = { user: string; out: string; api: string; key?: string };
const POLL_MS = 1000;
/** All of a zoo's components: an attribute of few LoRAs lies in the last ones as often as in the first. */
const SPACE = { dimensions: 500 };

/**
 * A running Hamlet's whole way from a person's liked pictures to edited LoRAs and their pictures, in files.
 * @throws HamletError with the api's own code
 */
export async function personalizeOver({ user, out, api, key }: Asked): Promise<object> {
  const ask = asking(api, key);
  const bar = progressBar('personalize');
  try {
    const space = await readySpace(ask, bar.update);
    const begun = await ask<Personalization>('POST', '/admin/w2w/personalizations', { userId: user, space });
    const done = await ended(ask, begun.id, bar.update);
    if (done.error) throw new HamletError(done.error.code, 422, done.error.message);
    await mkdir(out, { recursive: true });
    for (const [preference, { edit, error }] of Object.entries(done.steps.edits ?? {})) {
      if (error !== null) continue;
      await keep(ask, `/admin/w2w/edits/${edit}/lora`, join(out, `${preference}.safetensors`));
      await keep(ask, `/admin/w2w/edits/${edit}/preview`, join(out, `${preference}.png`));
    }
    const { taste, directions, edits, verdict } = done.steps;
    return { id: done.id, out, taste, directions, edits, verdict };
  } finally {
    bar.stop();
  }
}

type Ask = <Answer>(method: 'GET' | 'POST', path: string, body?: object) => Promise<Answer>;
type Update = (fraction: number, note: string) => void;

function asking(api: string, key?: string): Ask {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return async <Answer>(method: string, path: string, body?: object) => {
    const init = body && { body: JSON.stringify(body) };
    const headers = { 'content-type': 'application/json', ...authorization };
    const answer = await fetch(new URL(path, api), { method, headers, ...init });
    if (answer.headers.get('content-type')?.includes('json') !== true && answer.ok)
      return Buffer.from(await answer.arrayBuffer()) as Answer;
    const said = (await answer.json()) as { code?: string; detail?: string };
    if (!answer.ok)
      throw new HamletError(said.code ?? 'internal', answer.status, said.detail ?? `${path} failed`);
    return said as Answer;
  };
}

/** Those that a running Hamlet has made or is making, newest first. */
export async function personalizationsOver({ api, key }: Pick<Asked, 'api' | 'key'>): Promise<object[]> {
  const ask = asking(api, key);
  const told = await ask<{ personalizations: Personalization[] }>('GET', '/admin/w2w/personalizations');
  return told.personalizations.map(({ id, userId, state, progress, steps, error, createdAt }) => ({
    ...{ id, userId, state, progress, createdAt, error },
    tastes: steps.taste?.preferences.map(({ text }) => text) ?? [],
  }));
}

/** The newest space of whole ΔW that is ready, another one, or one that is built now. */
async function readySpace(ask: Ask, update: Update): Promise<string> {
  const { spaces } = await ask<{ spaces: Space[] }>('GET', '/admin/w2w/spaces');
  const ready = spaces.filter(({ state }) => state === 'ready');
  const best = ready.find(({ spec }) => spec.method === 'whole') ?? ready[0];
  if (best) return best.id;
  let space = await ask<Space>('POST', '/admin/w2w/spaces', SPACE);
  while (space.state === 'queued' || space.state === 'running') {
    update(space.progress / 2, 'space');
    await sleep(POLL_MS);
    space = await ask<Space>('GET', `/admin/w2w/spaces/${space.id}`);
  }
  if (space.error) throw new HamletError(space.error.code, 422, space.error.message);
  return space.id;
}

async function ended(ask: Ask, id: string, update: Update): Promise<Personalization> {
  for (;;) {
    const found = await ask<Personalization>('GET', `/admin/w2w/personalizations/${id}`);
    update((1 + found.progress) / 2, Object.keys(found.steps).at(-1) ?? '');
    if (found.state !== 'queued' && found.state !== 'running') return found;
    await sleep(POLL_MS);
  }
}

const keep = async (ask: Ask, path: string, file: string) => writeFile(file, await ask<Buffer>('GET', path));
