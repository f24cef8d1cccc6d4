import type { Diagnosis } from './diagnose.ts';

/** One thing that is wrong (broken) or could be done, and the command or setting that does it. */
export type Advice = { part: string; found: string; next: string; broken: boolean };

const broken = (part: string, found: string, next: string): Advice => ({ part, found, next, broken: true });
const possible = (part: string, found: string, next: string): Advice => ({
  ...{ part, found, next, broken: false },
});

/** What to do next, what is broken first. */
export function advise(diagnosis: Diagnosis): Advice[] {
  return [
    ...ofDatabase(diagnosis),
    ...ofVectors(diagnosis),
    ...ofVlm(diagnosis),
    ...ofSidecars(diagnosis),
    ...ofModels(diagnosis),
    ...ofCatalogue(diagnosis),
    ...(diagnosis.api.running
      ? []
      : [possible('api', `nothing answers at ${diagnosis.api.address}`, 'npm start')]),
  ].sort((a, b) => Number(b.broken) - Number(a.broken));
}

function ofDatabase({ database }: Diagnosis): Advice[] {
  const { applied, newest } = database.schema;
  if (!database.reachable && database.configured === 'embedded' && database.problem === 'not made yet')
    return [possible('database', 'not made yet', 'npm start makes it, with the demo world in it')];
  if (!database.reachable)
    return [
      broken(
        'database',
        `${database.where}: ${database.problem}`,
        database.configured === 'embedded'
          ? 'read the last lines of HAMLET_HOME/postgres for the reason'
          : 'start PostgreSQL or correct DATABASE_URL; unset, Hamlet has one of its own',
      ),
    ];
  if (applied === 0)
    return [possible('database', 'empty', 'npx hamlet migrate, or npm start, which does it by itself')];
  if (applied !== null && applied < newest)
    return [
      broken(
        'database',
        `schema ${applied} of ${newest}`,
        'npx hamlet backup FOLDER with the version that ran before, then npx hamlet migrate',
      ),
    ];
  if (applied !== null && applied > newest)
    return [broken('database', `schema ${applied}, this Hamlet knows ${newest}`, 'run a newer Hamlet')];
  return [];
}

function ofVectors({ vectors }: Diagnosis): Advice[] {
  if (!('behind' in vectors)) return [];
  if (vectors.problem !== undefined)
    return [
      broken(
        'vectors',
        `Qdrant: ${vectors.problem}`,
        'start it or correct VECTORS_URL and VECTORS_API_KEY; lists are degraded meanwhile',
      ),
    ];
  const behind = Math.max(0, ...vectors.behind.map(({ versions }) => versions));
  return behind > 0
    ? [possible('vectors', `${behind} changes behind the catalogue`, 'the api carries them over; run it')]
    : [];
}

function ofVlm({ vlm }: Diagnosis): Advice[] {
  if (!('code' in vlm)) return [];
  const next = {
    'vlm-key-refused': 'correct VLM_API_KEY',
    'vlm-model-unknown': 'correct VLM_MODEL, or serve that model',
    'vlm-unavailable':
      'start the model’s server or correct VLM_BASE_URL; lists come in their base order meanwhile',
  }[vlm.code as string];
  return [broken('vlm', `${vlm.code}: ${vlm.problem}`, next!)];
}

function ofSidecars({ sidecar }: Diagnosis): Advice[] {
  if (!sidecar.configured)
    return [
      possible(
        'sidecar',
        'none, so nothing can be trained over HTTP',
        'npm run sidecar, then SIDECAR_URL=http://127.0.0.1:8900 npm start',
      ),
    ];
  return sidecar.faults.map(({ address, code }) =>
    broken(
      'sidecar',
      `${address}: ${code}`,
      code === 'sidecar-unreachable'
        ? 'npm run sidecar, or correct SIDECAR_URL'
        : code === 'sidecar-contract'
          ? 'run the sidecar of the same version'
          : 'give both sides the same SIDECAR_TOKEN',
    ),
  );
}

function ofModels(diagnosis: Diagnosis): Advice[] {
  if (!('models' in diagnosis)) return [];
  const { models, clip } = diagnosis;
  const lost = Object.entries(models).filter(([, { here }]) => !here);
  return [
    ...lost.map(([kind, { version }]) =>
      broken(
        'models',
        `${kind} ${version} is in force and not in HAMLET_HOME/artifacts`,
        `npx hamlet restore, a copy of the folder, or npx hamlet models rollback ${kind}`,
      ),
    ),
    ...(clip.code ? [broken('clip', `${clip.code}: ${clip.problem}`, 'correct CLIP_MODEL')] : []),
  ];
}

function ofCatalogue(diagnosis: Diagnosis): Advice[] {
  if (!('clip' in diagnosis)) return [];
  const { catalog, clip } = diagnosis;
  if (catalog.images + catalog.models === 0)
    return [possible('catalog', 'empty', 'npx hamlet seed, or npx hamlet import')];
  const advice: Advice[] = [];
  if (catalog.heldBack > 0)
    advice.push(
      possible(
        'catalog',
        `${catalog.heldBack} items held back`,
        'GET /admin/held-back says why; PUT_SAFETY=classify has classifiers look',
      ),
    );
  if (clip.missing > 0 && clip.usable)
    advice.push(
      possible(
        'clip',
        `${clip.missing} pictures without a vector`,
        'the api makes them while it runs; npx hamlet embed makes them now',
      ),
    );
  return advice;
}
