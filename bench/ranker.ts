import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { SIDECAR_ENVIRONMENT, sidecarPython } from '../scripts/sidecar-env.ts';
import { affinityToPicture } from '../seed/affinity.ts';
import { worldSize } from '../seed/index.ts';
import { picturesOf, visitorsOf } from '../seed/visitors/people.ts';
import { loadConfig } from '../src/config.ts';
import type { Database } from '../src/db/index.ts';
import { silentLog } from '../src/log.ts';
import { writeImpressions } from '../src/ranking/index.ts';
import { openStore } from '../src/store.ts';
import { resultsOf, writeResults } from './machine.ts';

/**
 * How many served lists does a ranker take until it is better than what serves? Learned from the newest so many lists
 * of simulated visitors, judged by the latest quarter of all: by what was done with it, as the gate does, and by the
 * planted affinity of what was shown there, which no ranker sees. Run NAME in bench/results/ranker.json.
 *   HAMLET_HOME=/its/home node bench/ranker.ts NAME --visitors 2000 --seed 5    # as for `experiment simulate`
 */
const LOGGED = 40;
/** The latest visit is asked about at the end of the world's year, as the visitors were. */
const AT = 1;

export async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      visitors: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      sizes: { type: 'string', default: '200,400,800,6400' },
    },
  });
  const config = loadConfig(process.env, {});
  const home = config.HAMLET_HOME;
  const store = await openStore(config, silentLog);
  try {
    const { folder } = await writeImpressions({ db: store.db, home }, 'image');
    const planted = join(home, 'planted.json');
    const visitors = { visitors: Number(values.visitors), seed: Number(values.seed) };
    await writeFile(planted, JSON.stringify(await affinities(store.db, visitors)));
    const curve = fileURLToPath(new URL('ranker-curve.py', import.meta.url));
    const asked = [curve, join(home, 'artifacts', folder), planted, ...values.sizes.split(',')];
    const options = { env: { ...process.env, ...SIDECAR_ENVIRONMENT } };
    const { stdout, stderr } = await promisify(execFile)(await sidecarPython(), asked, options);
    process.stderr.write(stderr);
    const before = (await resultsOf('ranker')) as { runs?: object } | undefined;
    await writeResults('ranker', {
      runs: { ...before?.runs, [positionals[0] ?? 'lists']: { ...visitors, ...JSON.parse(stdout) } },
    });
  } finally {
    await store.close();
  }
}

/** Planted affinity of each place of each list, oldest first, null for people who are no visitors of these. */
async function affinities(db: Database, { visitors, seed }: { visitors: number; seed: number }) {
  const size = worldSize('full');
  const pictures = picturesOf(size);
  const people = new Map(visitorsOf(size, visitors, seed).map((person) => [person.id, person]));
  const { rows } = await db.pool.query<{ user_id: string; ids: string[] }>(
    `select r.user_id, (select array_agg(i.id order by place)
       from unnest(r.items[1:${LOGGED}]) with ordinality shown (ref, place) join items i on i.ref = shown.ref) as ids
     from recommendations r join users u on u.id = r.user_id
     where r.kind = 1 and octet_length(r.features) > 0 and r.teams is null
     order by r.created_at, r.id`,
  );
  return rows.map(({ user_id, ids }) => {
    const person = people.get(user_id);
    return ids.map((id) => {
      const picture = pictures.get(id);
      return person && picture ? affinityToPicture(person, picture, AT) : null;
    });
  });
}

if (import.meta.main) await main();
