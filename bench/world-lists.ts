import { seedWorld, serveShippedModels, worldSize } from '../seed/index.ts';
import { openTruth, truthOf } from '../seed/truth.ts';
import { dateOf, makeWorld } from '../seed/world.ts';
import { type App, openApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { pairedDifference } from '../src/evaluation/index.ts';
import { silentLog } from '../src/log.ts';
import { writeResults } from './machine.ts';

/**
 * Do the models that ship make the demo world's lists better? The mean planted affinity, at the end of the world's
 * year, of the first ten items of lists as they are served: without the models, then with them, of the same people.
 * No model and no list has seen the planted truth.
 *   HAMLET_HOME=/a/new/folder node bench/world-lists.ts
 */
const PEOPLE = 200;
const FIRST = 10;
const SEED = 1;
/** Chance is left out of the lists, so that both are the same service's best. */
const QUIET = { DRAW_SHARE: 0, EXPLORE_SHARE: 0, EMBED_SHARE: 0, CLASSIFY_SHARE: 0 };

export async function main(): Promise<void> {
  const size = worldSize('full', SEED);
  const world = makeWorld(size);
  const truth = openTruth(truthOf(world));
  const app = await openApp(loadConfig(process.env, QUIET), silentLog);
  try {
    await fill(app, size);
    const people = world.people.filter((_, n) => n % Math.floor(world.people.length / PEOPLE) === 0);
    const affinityOf = async (kind: 'image' | 'model') => {
      const means: number[] = [];
      for (const { id } of people) {
        const asked = {
          userId: id,
          kind,
          limit: FIRST,
          surface: 'bench',
          maxLevel: 1,
          exclude: [],
          tags: [],
        };
        const { items } = await app.recommender.recommend({ ...asked, rerank: 'off' });
        const liked = items.map((item) => truth.affinity(id, { kind, id: item.id }, Date.parse(dateOf(1))));
        means.push(liked.reduce((sum, value) => sum + value, 0) / Math.max(1, liked.length));
      }
      return Float64Array.from(means);
    };
    const before = { image: await affinityOf('image'), model: await affinityOf('model') };
    const served = await serveShippedModels({ db: app.db, home: app.config.HAMLET_HOME }, size);
    await app.watchModels();
    const results: Record<string, unknown> = { served, people: people.length };
    for (const kind of ['image', 'model'] as const) {
      const after = await affinityOf(kind);
      const difference = pairedDifference(after, before[kind], SEED);
      results[kind] = { before: mean(before[kind]), after: mean(after), ...difference };
      console.log(kind, results[kind]);
    }
    await writeResults('world-lists', { seed: SEED, first: FIRST, ...results });
  } finally {
    await app.close();
  }
}

async function fill(app: App, size: ReturnType<typeof worldSize>): Promise<void> {
  if ((await app.catalog.counts()).images > 0) return;
  await seedWorld(app, size, () => {});
  await app.contentSpace.refresh();
  for (const kind of ['image', 'model'] as const) await app.graphs.rebuild(kind);
  await app.carrier.drain();
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

if (import.meta.main) await main();
