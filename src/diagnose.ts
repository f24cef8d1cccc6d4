import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { classificationReport } from './classification/index.ts';
import { type DatabaseState, inspectDatabase } from './db/index.ts';
import { apiAt, vlmAt } from './diagnose-others.ts';
import { embeddingReport } from './embedding/index.ts';
import { listArtifacts, tryClip } from './models/index.ts';
import { openSidecars } from './sidecar/index.ts';
import type { Indexed } from './store.ts';
import { outboxLag } from './vectors/index.ts';

/** What `npx hamlet doctor` prints: each part configured, reachable and counted. Never a secret. */
export async function diagnose(parts: Indexed, database?: DatabaseState) {
  const { config, db, catalog, events, vectors, graphs } = parts;
  const [state, counts, people, imagePoints, modelPoints, behind] = await Promise.all([
    database ?? inspectDatabase(config, parts.log),
    catalog.counts(),
    events.counts(),
    answer(() => vectors.count('image')),
    answer(() => vectors.count('model')),
    outboxLag(db),
  ]);
  const problem = [imagePoints, modelPoints].find(({ ok }) => !ok);
  return {
    database: state,
    api: await apiAt(config),
    vectors: {
      configured: vectors.backend,
      reachable: imagePoints.ok && modelPoints.ok,
      images: imagePoints.ok ? imagePoints.value : imagePoints.error,
      models: modelPoints.ok ? modelPoints.value : modelPoints.error,
      behind,
      ...(problem?.ok === false && { problem: problem.error }),
    },
    clip: await describeClip(parts),
    classifiers: await describeClassifiers(parts),
    vlm: await vlmAt(config),
    sidecar: await sidecarsOf(parts),
    models: await modelsInForce(parts),
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

/** The same where the database does not serve: what is counted lies in it, so nothing is counted. */
export async function diagnoseWithoutDatabase(
  { config, log }: Pick<Indexed, 'config' | 'log'>,
  database: DatabaseState,
) {
  const uncounted = { images: null, models: null };
  return {
    database,
    api: await apiAt(config),
    vectors: {
      configured: config.VECTORS_URL === '' ? 'embedded' : 'qdrant',
      reachable: false,
      ...uncounted,
    },
    vlm: await vlmAt(config),
    sidecar: await sidecarsOf({ config, log }),
    catalog: { ...uncounted, users: null, events: null, heldBack: null },
    versions: { hamlet: packageVersion(), node: process.versions.node },
  };
}

type Whole = Awaited<ReturnType<typeof diagnose>>;
type Partly = Awaited<ReturnType<typeof diagnoseWithoutDatabase>>;
export type Diagnosis = Whole | Partly;

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

/** The version of each kind that serves, and whether this machine has its files. */
async function modelsInForce({ config, db }: Indexed) {
  const active = (await listArtifacts(db)).filter(({ state }) => state === 'active');
  return Object.fromEntries(
    active.map(({ kind, version }) => [
      kind,
      {
        version,
        here: existsSync(join(config.HAMLET_HOME, 'artifacts', `${kind}-${version}`, 'manifest.json')),
      },
    ]),
  );
}

/** Who looks at pictures without a level, or why nobody does, and how far they have come. */
async function describeClassifiers({ db, safety }: Indexed) {
  const { evidence, held, disputed, failures } = await classificationReport(db, safety.judge?.id ?? '');
  return {
    asked: safety.judge?.id ?? 'nobody',
    ...(safety.problem && { code: safety.problem.code, problem: safety.problem.message }),
    ...{ ...evidence, held, disputed, failures, rule: safety.rule.version },
  };
}

/** The addresses that can be given work, and why the others cannot. */
async function sidecarsOf({ config, log }: Pick<Indexed, 'config' | 'log'>) {
  const states = await openSidecars(config, log).states();
  return {
    configured: states.length > 0,
    reachable: states.some(({ health }) => health !== null),
    able: states.flatMap(({ address, health }) =>
      health ? [{ address, device: health.device, kinds: health.kinds }] : [],
    ),
    faults: states.flatMap(({ address, code }) => (code === null ? [] : [{ address, code }])),
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
