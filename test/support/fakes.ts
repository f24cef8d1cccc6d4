import type { ItemKind, PutResult } from '../../src/catalog/types.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { badInput, HamletError, unavailable } from '../../src/errors.ts';
import type { EventInput, Preferences, UserRecord } from '../../src/events/types.ts';
import type { HttpParts } from '../../src/http/index.ts';
import type { Key } from '../../src/keys/index.ts';
import { silentLog } from '../../src/log.ts';
import type { Page, PageItem } from '../../src/recommend/types.ts';
import type { ToldTaste } from '../../src/taste/index.ts';
import type { Training } from '../../src/trainings/index.ts';
import { fakeExperiments } from './fake-experiments.ts';
import { fakeModeration } from './fake-moderation.ts';
import { fakeW2w, fakeW2wEdits } from './fake-w2w.ts';

type Items = Map<string, { kind: ItemKind; id: string } & Record<string, unknown>>;

/**
 * The parts behind the routes, in memory and honest about what they were given: what is put can be got,
 * what is deleted is gone, the same event twice is a duplicate.
 */
export function fakeParts(config: Partial<Config> = {}, replaced: Partial<HttpParts> = {}) {
  const items: Items = new Map();
  const people = new Map<string, UserRecord>();
  const seen = new Set<string>();
  const tastes = new Map<string, ToldTaste['preferences']>();
  const asked: unknown[] = [];
  const parts: HttpParts = {
    // Building one app after another holds this process’s own loop up, on a busy machine for a second.
    config: loadConfig({}, { MAX_LOOP_DELAY_MS: 600_000, ...config }),
    log: silentLog,
    recommender: {
      recommend: async (q) => {
        asked.push(q);
        return pageOf(0, q.limit);
      },
      nextPage: async (q) => {
        asked.push(q);
        if (q.cursor === 'expired') throw new HamletError('cursor-expired', 410, 'The cursor has expired.');
        if (!/^from-\d{1,3}$/u.test(q.cursor))
          throw badInput('cursor-invalid', 'Not a cursor of ours.', '/cursor');
        return pageOf(Number(q.cursor.slice(5)), q.limit ?? 20);
      },
      similar: async (q) => {
        asked.push(q);
        if (!items.has(`${q.kind}:${q.id}`)) throw new HamletError('item-unknown', 404, 'No such item.');
        return { items: [pageItem(0)], degraded: [] };
      },
      search: async (q) => {
        asked.push(q);
        return { items: [pageItem(0)], degraded: [] };
      },
    },
    catalog: {
      put: async (given) =>
        given.map((item): PutResult => {
          if (item?.id === undefined)
            return { ref: 0, status: 'rejected', code: 'text-expected', pointer: '/id' };
          const name = `${item.kind}:${item.id}`;
          const status = items.has(name) ? 'updated' : 'created';
          items.set(name, { ...item });
          return { ref: 1, status };
        }),
      remove: async (kind, id) => items.delete(`${kind}:${id}`),
      get: async (kind, id) => (items.get(`${kind}:${id}`) as never) ?? null,
      heldBack: async (limit) =>
        [{ kind: 'image' as const, id: 'held-1', reason: 'level-unknown' as const }].slice(0, limit),
      heldBackCounts: async () => ({ image: 1, model: 0 }),
    },
    outbox: { lag: async () => [{ collection: 'images', versions: 3 }] },
    events: {
      ingest: async (events) =>
        events.map((raw) => {
          const id = (raw as EventInput | null)?.eventId;
          if (typeof id !== 'string') return { eventId: '', status: 'rejected', code: 'event-invalid' };
          if (seen.has(id)) return { eventId: id, status: 'duplicate' };
          seen.add(id);
          return { eventId: id, status: 'accepted' };
        }),
      history: async () => [],
      listUsers: async (_from, limit) => [...people.keys()].slice(0, limit).map((id) => ({ id, changes: 0 })),
      getUser: async (id) => people.get(id) ?? null,
      putUser: async (id, { attributes, preferences }) => {
        const status = people.has(id) ? 'updated' : 'created';
        people.set(id, personOf(id, attributes, preferences));
        return { status };
      },
      putPreferences: async (id, preferences) => {
        people.set(id, personOf(id, {}, preferences));
        return preferences as Preferences;
      },
      eraseUser: async (id) => ({
        userId: id,
        erasedAt: new Date().toISOString(),
        found: people.delete(id),
        events: 0,
        lists: 0,
        pages: 0,
        states: 0,
        tastes: 0,
        itemsUnlinked: 0,
        digest: '0'.repeat(64),
      }),
    },
    tastes: {
      told: async (userId) => ({
        ...{ userId, source: tastes.has(userId) ? 'person' : 'none' },
        ...{ preferences: tastes.get(userId) ?? [], describedAt: null, correctedAt: null },
      }),
      state: async (userId, stated) => {
        if (stated === null) tastes.delete(userId);
        else
          tastes.set(
            userId,
            stated.map(({ text, likes = [], avoids = [] }, n) => ({
              ...{ id: `p${n + 1}`, text, likes, avoids, evidence: [] },
            })),
          );
      },
    },
    vlm: null,
    experiments: fakeExperiments(),
    keys: fakeKeys(),
    db: { pool: { query: async () => ({ rows: [] }) } },
    vectors: { count: async () => items.size },
    moderation: fakeModeration(items),
    embeddings: {
      report: async () => ({
        ...{ encoder: 'clip/8@0', problem: null, space: 'clip' },
        ...{ vectors: { declared: 1, measured: 2, missing: 3 }, failures: { 'image-corrupt': 1 } },
      }),
      failures: async (limit) =>
        [
          {
            ...{ kind: 'image' as const, id: 'torn', code: 'image-corrupt', reason: 'cut short' },
            ...{ attempts: 1, retryAt: null },
          },
        ].slice(0, limit),
    },
    sidecars: { states: async () => [] },
    evaluations: async () => [],
    images: { outcomes: () => new Map([['loaded', 2]]) },
    registry: {
      list: async () => [
        {
          kind: 'item-graph-image',
          version: 'v1',
          state: 'active',
          metrics: { items: 3 },
          createdAt: new Date(0).toISOString(),
          promotedAt: null,
        },
      ],
      add: async () => {
        throw new HamletError('artifact-invalid', 422, 'It cannot be used.');
      },
      promote: async (_kind, version) => {
        if (version !== 'v1') throw new HamletError('artifact-unknown', 404, 'No such version.');
      },
      rollback: async (kind) => {
        if (kind !== 'item-graph-image') throw new HamletError('artifact-unknown', 404, 'No such kind.');
        return { version: 'v0' };
      },
    },
    trainings: fakeTrainings(),
    w2w: fakeW2w(),
    w2wEdits: fakeW2wEdits(),
    dpo: {
      pairsSpec: async ({ source }) => ({ source }),
      trainingSpec: async (pairs) => ({ pairs }),
      file: async () => {
        throw new HamletError('file-unknown', 404, 'No such file.');
      },
      publish: async (version) => {
        throw new HamletError('artifact-unknown', 404, `No artifact ${version}.`);
      },
      rollback: async () => {
        throw new HamletError('nothing-to-roll-back', 409, 'Nothing was in force.');
      },
    },
    maintenance: { reindex: async () => ({ points: 3 }), sweep: async () => ({ missing: 0 }) },
    pictures: {
      imported: async (_kind, id) => (id === 'image-1' ? Buffer.from('RIFF____WEBP') : null),
      showcase: async (name) => (name === 'lora-1-1-1' ? Buffer.from('RIFF____WEBP') : null),
      webp: async (name) => {
        if (name === 'image-busy') throw unavailable('pictures-busy', 'Too many wait.');
        return name === 'image-1' ? Buffer.from('RIFF____WEBP') : null;
      },
    },
    ...replaced,
  };
  return { parts, items, people, asked };
}

/** Trainings of one kind that never begin. */
export function fakeTrainings(): HttpParts['trainings'] {
  const known = new Map<string, Training>();
  const get = async (id: string) => {
    const training = known.get(id);
    if (!training) throw new HamletError('training-unknown', 404, 'No such training.');
    return training;
  };
  return {
    async start(kind, spec) {
      if (kind !== 'count') throw badInput('kind-unknown', 'There is count.', '/kind');
      const training: Training = {
        ...{ id: `training-${known.size}`, kind, spec, dataset: null, state: 'queued', attempt: 0 },
        ...{ sidecar: null, cancelRequested: false, progress: 0, metrics: {}, log: [], result: null },
        ...{ error: null, createdAt: new Date(0).toISOString(), startedAt: null, finishedAt: null },
      };
      known.set(training.id, training);
      return training;
    },
    get,
    list: async () => [...known.values()],
    async cancel(id) {
      return Object.assign(await get(id), { state: 'cancelled', finishedAt: new Date(0).toISOString() });
    },
    counts: async () => [{ kind: 'count', state: 'failed', code: 'out-of-memory', count: 2 }],
    faults: () => [{ address: 'http://127.0.0.1:9', code: 'token-wrong', count: 3 }],
  };
}

/** Keys by token; none at first, so that loopback may do everything. */
export function fakeKeys(tokens: Record<string, Partial<Key>> = {}): HttpParts['keys'] {
  const known = new Map(Object.entries(tokens).map(([token, key]) => [token, keyOf(token, key)]));
  let made = known.size;
  return {
    verify: async (token) => known.get(token) ?? null,
    any: async () => known.size > 0,
    create: async (name, scopes, maxLevel) => {
      const id = `00000000-0000-4000-8000-${String(made++).padStart(12, '0')}`;
      const token = `hk_${id}`;
      known.set(token, { id, name, scopes, maxLevel });
      return { id, token };
    },
    list: async () => [...known.values()].map((key) => ({ ...key, createdAt: new Date(0), revokedAt: null })),
    revoke: async (id) => {
      const found = [...known].find(([, key]) => key.id === id);
      return found !== undefined && known.delete(found[0]);
    },
  };
}

const keyOf = (token: string, key: Partial<Key>): Key => ({
  id: `00000000-0000-4000-9000-${Buffer.from(token).toString('hex').padStart(12, '0').slice(0, 12)}`,
  name: token,
  scopes: ['serve'],
  maxLevel: 1,
  ...key,
});

const personOf = (id: string, attributes: unknown = {}, preferences: unknown = {}): UserRecord => ({
  id,
  stored: true,
  attributes: attributes as Record<string, unknown>,
  preferences: preferences as Preferences,
  createdAt: new Date(0).toISOString(),
  counts: { events: 0, items: 0, lists: 0 },
});

const LIST = 60;
const pageItem = (position: number): PageItem => ({
  id: `image-${position}`,
  kind: 'image',
  title: `Picture ${position}`,
  url: `/pictures/image-${position}`,
  position,
  score: 1 / (position + 1),
  sources: ['similar'],
  explanation: { text: 'Because you liked “Pier”', source: 'history', evidence: ['image-3'] },
});
const pageOf = (from: number, limit: number): Page => {
  const end = Math.min(LIST, from + limit);
  return {
    recommendationId: '0198c5a4-7c11-7bb0-9d0e-3a3c4b1f2d77',
    items: Array.from({ length: Math.max(0, end - from) }, (_, i) => pageItem(from + i)),
    variant: 'default',
    degraded: [],
    versions: { blend: '1' },
    nextCursor: end < LIST ? `from-${end}` : null,
    trace: {
      rerank: null,
      items: [],
      pipeline: 'default',
      configDigest: 'digest',
      versions: {},
      stages: [{ stage: 'similar', role: 'source', in: 0, out: 5, ms: 0.2 }],
      degraded: [],
      seed: 1,
      ms: 0.4,
    },
  };
};
