import t from 'tap';
import { query } from '../../src/db/index.ts';
import { type ListImpression, openImpressions } from '../../src/recommend/impressions.ts';
import { newListId } from '../../src/recommend/list-id.ts';
import type { Candidate, RankedList } from '../../src/recommend/types.ts';
import { testDatabase } from '../support/database.ts';
import { plantCandidate } from '../support/recommend-world.ts';

const db = await testDatabase(t);
const impressions = openImpressions(db);
t.teardown(() => impressions.close());

const identity = {
  ...{ digest: 'planted', description: { sources: ['similar', 'new'], versions: {} } },
} as unknown as ListImpression['identity'];

function planted(items: Candidate[]): ListImpression {
  const trace = { seed: 7, degraded: [], ms: 1.5 } as unknown as RankedList['trace'];
  const request = {
    ...{ userId: 'somebody', kind: 'image' as const, limit: 2, surface: 'feed', maxLevel: 1 },
    ...{ exclude: new Set<number>(), tags: [] },
  };
  return {
    ...{ id: newListId(Date.now()), userRef: 0, userSeq: 0, erasures: 0, variant: 'default' },
    ...{ diversity: null, served: 2, request, identity, list: { items, draw: null, trace } },
  };
}

t.test('lists that share a statement are each stored whole, the empty one too', async (t) => {
  const drawn = planted([
    plantCandidate(2_000_000_000, 1.25, { because: 4 }),
    plantCandidate(2, -0.333333333, { sources: ['new'], propensity: 0.25 }),
  ]);
  const empty = planted([]);
  const certain = planted(
    [3, 5, 4].map((item) => plantCandidate(item, item, { sources: ['similar', 'new'] })),
  );
  await Promise.all([drawn, empty, certain].map((list) => impressions.list(list)));
  const rows = await query<{ id: string }>(
    db,
    'select id, items, scores, sources, because, pool_propensities from recommendations',
    [],
  );
  const stored = new Map(rows.map(({ id, ...row }) => [id, row]));
  t.same(stored.get(drawn.id), {
    ...{ items: [2_000_000_000, 2], scores: [1.25, -0.333333], sources: [1, 2], because: [4, 0] },
    pool_propensities: [1, 0.25],
  });
  t.same(stored.get(empty.id), {
    ...{ items: [], scores: [], sources: [], because: [], pool_propensities: null },
  });
  t.same(stored.get(certain.id), {
    ...{ items: [3, 5, 4], scores: [3, 5, 4], sources: [3, 3, 3], because: [0, 0, 0] },
    pool_propensities: null,
  });
});
