import type { Database } from '../src/db/index.ts';
import { openImpressions } from '../src/recommend/impressions.ts';
import type { RankedList } from '../src/recommend/index.ts';
import { newListId } from '../src/recommend/list-id.ts';

const ROUNDS = 1500;

/** Milliseconds (p50) to log a list of 100 durably, outside and within an experiment, in turn. */
export async function timeExposures(
  db: Database,
): Promise<{ without: number; within: number; added: number }> {
  const impressions = openImpressions(db);
  const times = { default: [] as number[], 'bench@1:control': [] as number[] };
  for (let n = 0; n < 2 * ROUNDS; n++) {
    const variant = n % 2 ? 'default' : 'bench@1:control';
    const began = performance.now();
    await impressions.list(impressionOf(n, variant));
    if (n > ROUNDS / 5) times[variant].push(performance.now() - began);
  }
  await impressions.close();
  await db.pool.query('truncate recommendations, pipeline_versions');
  const [without, within] = [median(times.default), median(times['bench@1:control'])];
  return { without, within, added: Math.round((within - without) * 1000) / 1000 };
}

function impressionOf(n: number, variant: string) {
  const trace = {
    pipeline: 'default',
    configDigest: 'digest',
    versions: {},
    stages: [],
    degraded: [],
    seed: n,
    ms: 1,
  };
  const items = Array.from({ length: 100 }, (_, i) => ({
    ...{ item: i + 1, sources: ['similar'], features: {}, score: 1 / (i + 1), because: 3, propensity: 1 },
  }));
  const description = {
    ...{ pipeline: 'default', sources: ['similar'], filters: [], scorers: [], selector: 'diverse' },
    ...{ weights: {}, features: [], depth: 100, settings: {}, versions: {} },
  };
  const list: RankedList = { items, draw: null, trace };
  const request = {
    ...{ userId: `user-${n}`, kind: 'image' as const, limit: 20, surface: 'home', maxLevel: 1 },
    ...{ exclude: new Set<number>(), tags: [] },
  };
  const about = {
    ...{ id: newListId(Date.now()), userRef: 0, userSeq: 1, erasures: 0, variant },
    ...{ diversity: 0.5, served: 20 },
  };
  return { ...about, request, identity: { digest: 'digest', description }, list };
}

const median = (values: number[]): number =>
  Math.round(values.sort((a, b) => a - b)[Math.floor(values.length / 2)]! * 1000) / 1000;
