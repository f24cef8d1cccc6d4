import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ItemInput } from '../../src/catalog/types.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { openExperiments } from '../../src/experiments/index.ts';
import { silentLog } from '../../src/log.ts';
import { buildItemGraph } from '../../src/models/index.ts';
import type { ItemGraph } from '../../src/models/item-graph/types.ts';
import { openRecommender, type Recommender } from '../../src/recommend/index.ts';
import { contentEncoder } from '../../src/text/index.ts';
import { carryChanges, openVectors } from '../../src/vectors/index.ts';
import { testDatabase } from './database.ts';
import { event, openReplica } from './events.ts';

/** Castles and cats, people who like the one or the other, and a service with experiments over them. */
export async function servingWorld(
  t: { teardown(close: () => unknown): void },
  settings: Partial<Config> = {},
) {
  const db = await testDatabase(t);
  const { catalog, events } = await openReplica(t, db);
  const home = await mkdtemp(join(tmpdir(), 'hamlet-experiments-'));
  const config = loadConfig({}, { HAMLET_HOME: home, DRAW_SHARE: 0, ...settings });
  const encoder = contentEncoder();
  const vectors = await openVectors(config, silentLog);
  const spaces = { text: encoder.dims, clip: 8 };
  const carrier = await carryChanges(db, vectors, { spaces, log: silentLog, pollMs: 0 });
  await catalog.put(pictures(), { mode: 'trusted' });
  await carrier.drain();
  for (let person = 0; person < 20; person++) {
    const liked = pictures().filter((_, n) => n % 2 === person % 2 && (n * 7 + person) % 5 === 0);
    await events.ingest(liked.map(({ id }) => event(`person-${person}`, id)));
  }
  const graph = buildItemGraph(await events.interactionLog('image'), {});
  const over = { db, config, vectors, graph, encoder };
  const first = await openService(over, { catalog, events });
  const opened = [first];
  t.teardown(async () => {
    for (const { recommender, experiments } of opened) {
      await recommender.close();
      experiments.close();
    }
    await carrier.stop();
    await vectors.close();
    await rm(home, { recursive: true, force: true });
  });
  /** Another api over the same database. */
  const openReplicaOf = async () => {
    const replica = await openService(over, await openReplica(t, db));
    opened.push(replica);
    return replica;
  };
  return { db, config, catalog, events, pictures: pictures(), ...first, openReplicaOf };
}

async function openService(
  over: Pick<Parts, 'db' | 'config' | 'vectors' | 'encoder'> & { graph: ItemGraph },
  { catalog, events }: Pick<Parts, 'catalog' | 'events'>,
) {
  const { db, config, graph } = over;
  const experiments = await openExperiments({ db, graphs: { pin: async () => {} }, config, log: silentLog });
  const recommender = await openRecommender({
    ...{ ...over, catalog, events, graph: () => graph, log: silentLog },
    ...{ clip: { encoder: null }, contentSpace: { current: () => 'text' as const } },
    assign: experiments.assign,
  });
  const ask = (userId: string, more: Partial<Parameters<Recommender['recommend']>[0]> = {}) =>
    recommender.recommend({
      ...{ userId, kind: 'image', limit: 10, surface: 'home', maxLevel: 1, exclude: [], tags: [] },
      ...more,
    });
  return { experiments, recommender, ask };
}

type Parts = Parameters<typeof openRecommender>[0];

const pictures = () =>
  Array.from({ length: 60 }, (_, n): ItemInput => {
    const taste = n % 2 === 0 ? 'castle' : 'cat';
    return {
      ...{ kind: 'image', id: `${taste}-${n}`, title: `A ${taste} ${n}`, tags: [taste, `shade${n % 5}`] },
      ...{ url: `/pictures/${n}`, creatorId: `maker-${n % 16}`, browsingLevel: 1 },
    };
  });
