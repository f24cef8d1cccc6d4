import { readFileSync } from 'node:fs';
import type { Indexed } from './app.ts';
import { embeddingReport } from './embedding/index.ts';
import { tryClip } from './models/index.ts';
import { openSidecars } from './sidecar/index.ts';

/** What `npx hamlet doctor` prints: each part configured, reachable and counted. Never a secret. */
export async function diagnose(parts: Indexed) {
  const { config, db, catalog, events, vectors, graphs } = parts;
  const [server, counts, people, imagePoints, modelPoints] = await Promise.all([
    answer(async () => (await db.pool.query<{ v: string }>('select version() as v')).rows[0]!.v),
    catalog.counts(),
    events.counts(),
    answer(() => vectors.count('image')),
    answer(() => vectors.count('model')),
  ]);
  return {
    database: {
      configured: db.embedded ? 'embedded' : 'DATABASE_URL',
      where: db.description,
      reachable: server.ok,
      version: server.ok ? server.value.split(' ').slice(0, 2).join(' ') : server.error,
    },
    vectors: {
      configured: vectors.backend,
      reachable: imagePoints.ok && modelPoints.ok,
      images: imagePoints.ok ? imagePoints.value : imagePoints.error,
      models: modelPoints.ok ? modelPoints.value : modelPoints.error,
    },
    clip: await describeClip(parts),
    vlm: await remote(config.VLM_BASE_URL, '/models'),
    sidecar: await sidecarsOf(parts),
    catalog: {
      images: counts.images,
      models: counts.models,
      users: people.users,
      events: people.events,
      heldBack: counts.heldBack,
    },
    versions: {
      hamlet: packageVersion(),
      node: process.versions.node,
      contentEncoder: parts.encoder.id,
      clip: parts.clip.encoder?.id ?? null,
      imageGraph: graphs.current('image').version,
      modelGraph: graphs.current('model').version,
    },
  };
}

/** The same where the database does not answer: what is counted lies in it, so nothing is counted. */
export async function diagnoseWithoutDatabase(
  { config, log }: Pick<Indexed, 'config' | 'log'>,
  reason: string,
) {
  const uncounted = { images: null, models: null };
  return {
    database: { configured: 'DATABASE_URL', reachable: false, problem: reason },
    vectors: {
      configured: config.VECTORS_URL === '' ? 'embedded' : 'qdrant',
      reachable: false,
      ...uncounted,
    },
    vlm: await remote(config.VLM_BASE_URL, '/models'),
    sidecar: await sidecarsOf({ config, log }),
    catalog: { ...uncounted, users: null, events: null, heldBack: null },
    versions: { hamlet: packageVersion(), node: process.versions.node },
  };
}

/** Which model sees pictures, or why none does, and how far it has come. */
async function describeClip({ db, clip, contentSpace }: Indexed) {
  const { vectors, failures } = await embeddingReport(db);
  // Whatever is in the catalogue: who asks wants to know before the first picture comes.
  const tried = clip.encoder && (await answer(() => tryClip(clip.encoder!)));
  const problem = clip.problem?.message ?? (tried?.ok === false ? tried.error : undefined);
  return {
    configured: clip.path !== '',
    usable: tried?.ok === true,
    ...(problem !== undefined && { code: clip.problem?.code ?? 'clip-model-invalid', problem }),
    ...{ contentSpace: contentSpace.current(), ...vectors },
    failed: Object.values(failures).reduce((sum, count) => sum + count, 0),
    failures,
  };
}

/** The addresses that can be given work, and why the others cannot. */
async function sidecarsOf({ config, log }: Pick<Indexed, 'config' | 'log'>) {
  const states = await openSidecars(config, log).states();
  return {
    configured: states.length > 0,
    reachable: states.some(({ health }) => health !== null),
    ...Object.fromEntries(
      states.map(({ address, health, code }) => [
        address,
        health ? `${health.device}, ${health.kinds.join(' ')}` : code,
      ]),
    ),
  };
}

const packageVersion = (): string =>
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

async function answer<T>(ask: () => Promise<T>) {
  try {
    return { ok: true as const, value: await ask() };
  } catch (error) {
    return { ok: false as const, error: (error as Error).message };
  }
}

/** Anything below 500 means that something answers there. */
async function remote(url: string, path: string) {
  if (url === '') return { configured: false, reachable: false };
  const asked = await answer(() =>
    fetch(url.replace(/\/$/, '') + path, { signal: AbortSignal.timeout(3000) }),
  );
  return { configured: true, reachable: asked.ok && asked.value.status < 500 };
}
