import { openModeration } from '../../src/moderation/index.ts';
import { openRule } from '../../src/safety/index.ts';
import { testCatalog } from '../../test/support/catalog.ts';
import { secondPool } from '../../test/support/database.ts';
import { flipLevels } from '../../test/support/flip-levels.ts';
import { servingWorld } from '../../test/support/serving-world.ts';

const REQUESTS = 10_000;

/** As test/integration/moderation.test.ts, for ten thousand requests: one replica answers, another changes levels. */
export async function measureFlips(): Promise<object> {
  const ends: (() => unknown)[] = [];
  const t = { teardown: (end: () => unknown) => void ends.unshift(end) };
  try {
    const { db, recommender, pictures } = await servingWorld(t);
    const other = { ...db, pool: secondPool(db) };
    t.teardown(() => other.pool.end());
    const catalog = await testCatalog(other, 64);
    const looks = { db: other, catalog, rule: openRule(), picture: async () => Buffer.alloc(0) };
    const moderation = openModeration(looks, { toHold: 1, perHour: 1e6 });
    const parts = { recommender, catalog, moderation, items: pictures };
    const { unsafe, ...told } = await flipLevels(parts, { requests: REQUESTS });
    return { ...told, unsafe: unsafe.length };
  } finally {
    for (const end of ends) await end();
  }
}
