import type { Test } from 'tap';
import { HamletError } from '../../src/errors.ts';
import type { CollectionSpec, Point, VectorFilter, VectorStore } from '../../src/vectors/index.ts';
import { clusteredVectors, exactNearest, randomOf } from '../support/planted-vectors.ts';
import type { NewPlace } from '../support/vector-places.ts';

const SPEC: CollectionSpec = { kind: 'image', spaces: { text: 8, clip: 4 } };

/** A unit vector of the text space that points `angle` degrees away from the first axis. */
const at = (angle: number) => {
  const vector = new Float32Array(8);
  vector[0] = Math.cos((angle * Math.PI) / 180);
  vector[1] = Math.sin((angle * Math.PI) / 180);
  return vector;
};
const point = (id: number, angle: number, more: Partial<Point> = {}): Point => ({
  id,
  version: 1,
  vectors: { text: at(angle) },
  payload: { level: 1, creator: 0, tags: [] },
  ...more,
});
const carrying = (id: number, angle: number, payload: Partial<Point['payload']>) =>
  point(id, angle, { payload: { level: 1, creator: 0, tags: [], ...payload } });

/** One suite over every backend: what the rest of Hamlet may rely on. */
export function vectorContract(t: Test, fresh: NewPlace): void {
  const opened = async (t: Test, points: Point[] = []) => {
    const backend = fresh(t);
    const store = await backend.open();
    await store.open(SPEC);
    await store.upsert('image', points);
    return { store, backend };
  };
  const ids = async (store: VectorStore, filter?: VectorFilter, limit = 10, angle = 0) => {
    const [hits] = await store.search('image', [{ space: 'text', vector: at(angle), limit, filter }]);
    return hits!.map(({ id }) => id);
  };

  t.test('the nearest come first, with their cosine as score, ties by smaller id', async (t) => {
    const { store } = await opened(t, [point(5, 60), point(9, 0), point(2, 30), point(7, 30)]);
    const [hits] = await store.search('image', [{ space: 'text', vector: at(0), limit: 10 }]);
    t.same(
      hits!.map(({ id }) => id),
      [9, 2, 7, 5],
    );
    t.ok(Math.abs(hits![1]!.score - Math.cos(Math.PI / 6)) < 1e-3, 'cosine of 30 degrees');
    t.same(await ids(store, undefined, 2), [9, 2]);
  });

  t.test('several queries are answered in their order', async (t) => {
    const { store } = await opened(t, [point(1, 0), point(2, 90)]);
    const answers = await store.search('image', [
      { space: 'text', vector: at(90), limit: 1 },
      { space: 'nonsense', vector: at(0), limit: 1 },
      { space: 'text', vector: at(0), limit: 1 },
    ]);
    t.same(
      answers.map((hits) => hits.map(({ id }) => id)),
      [[2], [], [1]],
    );
    t.same(await store.search('image', []), []);
  });

  t.test('levels above the asked one, held back and blocked points are never found', async (t) => {
    const levels = [0, 1, 2, 4, 8, 16, 32];
    const { store } = await opened(
      t,
      levels.map((level, i) => carrying(i + 1, i, { level })),
    );
    t.same(await ids(store, { maxLevel: 1 }), [2]);
    t.same(await ids(store, { maxLevel: 4 }), [2, 3, 4]);
    t.same(await ids(store, { maxLevel: 32 }), [2, 3, 4, 5, 6]);
    t.same(await ids(store, { maxLevel: 0 }), []);
  });

  t.test('tags, creators and ids filter, and conditions add up', async (t) => {
    const { store } = await opened(t, [
      carrying(1, 10, { tags: ['fox'], creator: 1 }),
      carrying(2, 20, { tags: ['owl', 'forest'], creator: 2 }),
      carrying(3, 30, { tags: ['fox', 'forest'], creator: 3, level: 4 }),
      carrying(4, 40, { tags: [], creator: 1 }),
    ]);
    t.same(await ids(store, { tags: ['fox'] }), [1, 3]);
    t.same(await ids(store, { tags: ['owl', 'fox'] }), [1, 2, 3]);
    t.same(await ids(store, { tags: ['nobody has it'] }), []);
    t.same(await ids(store, { tags: [] }), [1, 2, 3, 4]);
    t.same(await ids(store, { notCreators: [1] }), [2, 3]);
    t.same(await ids(store, { notIds: new Set([2, 999]) }), [1, 3, 4]);
    t.same(await ids(store, { tags: ['forest'], maxLevel: 1, notIds: [1] }), [2]);
  });

  t.test('a write that is not newer changes nothing', async (t) => {
    const { store } = await opened(t, [point(1, 0, { version: 5 }), point(2, 50, { version: 5 })]);
    await store.upsert('image', [point(1, 90, { version: 4 }), point(2, 51, { version: 6 })]);
    await store.upsert('image', [point(1, 90, { version: 5 })]);
    await store.remove('image', [{ id: 1, version: 5 }]);
    t.same(await ids(store, undefined, 10, 0), [1, 2]);
    t.same(await store.scroll('image', 0, 10), [
      { id: 1, version: 5 },
      { id: 2, version: 6 },
    ]);
  });

  t.test('one call may hold several versions, even of the same point', async (t) => {
    const { store } = await opened(t, [
      point(1, 0, { version: 3 }),
      point(1, 90, { version: 2 }),
      point(2, 45, { version: 7 }),
    ]);
    t.same(await store.scroll('image', 0, 10), [
      { id: 1, version: 3 },
      { id: 2, version: 7 },
    ]);
    t.same(await ids(store, undefined, 1, 0), [1]);
  });

  t.test('a tombstone keeps older writes out, also where the point was never seen', async (t) => {
    const { store } = await opened(t, [point(1, 0, { version: 1 })]);
    await store.remove('image', [
      { id: 1, version: 3 },
      { id: 2, version: 3 },
    ]);
    await store.upsert('image', [point(1, 0, { version: 2 }), point(2, 0, { version: 3 })]);
    t.same(await ids(store), []);
    t.equal(await store.count('image'), 0);
    t.same(await store.scroll('image', 0, 10), []);
    await store.upsert('image', [point(1, 0, { version: 4 })]);
    t.same(await ids(store), [1], 'a newer write brings it back');
  });

  t.test('a newer write replaces payload and vectors whole', async (t) => {
    const { store } = await opened(t, [
      point(1, 0, { vectors: { text: at(0), clip: Float32Array.of(1, 0, 0, 0) } }),
    ]);
    await store.upsert('image', [
      point(1, 90, { version: 2, payload: { level: 4, creator: 9, tags: ['new'] } }),
    ]);
    t.same(await ids(store, { maxLevel: 1 }), []);
    t.same(await ids(store, { tags: ['new'], maxLevel: 4 }), [1]);
    const [clip] = await store.search('image', [
      { space: 'clip', vector: Float32Array.of(1, 0, 0, 0), limit: 5 },
    ]);
    t.same(clip, [], 'a vector it no longer has is not found');
    t.equal((await store.vectors('image', 'clip', [1])).size, 0);
  });

  t.test('stored vectors come back by id, absent ones are absent', async (t) => {
    const { store } = await opened(t, [point(1, 30), point(2, 60)]);
    const found = await store.vectors('image', 'text', [2, 77, 1]);
    t.same([...found.keys()].sort(), [1, 2]);
    t.ok(found.get(1)!.every((value, i) => Math.abs(value - at(30)[i]!) < 1e-3));
    t.equal((await store.vectors('image', 'nonsense', [1])).size, 0);
    t.equal((await store.vectors('image', 'text', [])).size, 0);
  });

  t.test('NaN, zero and wrongly sized vectors are refused and write nothing', async (t) => {
    const { store } = await opened(t);
    const bad = [new Float32Array(8), at(0).fill(Number.NaN, 3, 4), new Float32Array(7).fill(1)];
    for (const vector of bad) {
      const write = store.upsert('image', [point(1, 0), point(2, 0, { vectors: { text: vector } })]);
      await t.rejects(write, { code: 'vector-invalid', status: 400 });
      const search = store.search('image', [{ space: 'text', vector, limit: 1 }]);
      await t.rejects(search, { code: 'vector-invalid', status: 400 });
    }
    t.equal(await store.count('image'), 0);
  });

  t.test('vectors of any length are stored at length one', async (t) => {
    const { store } = await opened(t);
    await store.upsert('image', [
      point(1, 0, { vectors: { text: at(0).map((value) => value * 9) } }),
      point(2, 30),
    ]);
    const [hits] = await store.search('image', [{ space: 'text', vector: at(0), limit: 1 }]);
    t.ok(Math.abs(hits![0]!.score - 1) < 1e-3);
  });

  t.test('tags are any text, and ids and versions as large as Postgres makes them', async (t) => {
    const odd = ['a "quoted" \\ tag', 'ключ/鍵?&=#', '😀', 'x'.repeat(300), '__proto__'];
    const last = 2 ** 31 - 1;
    const { store } = await opened(
      t,
      odd.map((tag, i) => ({ ...carrying(i + 1, i, { tags: [tag], creator: last }), version: 2 ** 45 })),
    );
    await store.upsert('image', [point(last, 80, { version: 2 ** 45 + 1 })]);
    for (const [i, tag] of odd.entries()) t.same(await ids(store, { tags: [tag] }), [i + 1], tag);
    t.same(await ids(store, { notCreators: [last] }), [last]);
    await store.upsert('image', [point(last, 0, { version: 2 ** 45 })]);
    t.same(await store.scroll('image', last - 1, 10), [{ id: last, version: 2 ** 45 + 1 }]);
  });

  t.test(
    'thousands of ids to leave out, dozens of queries at once, more asked for than there is',
    async (t) => {
      const { store } = await opened(
        t,
        Array.from({ length: 60 }, (_, i) => point(i + 1, i)),
      );
      const notIds = new Set(Array.from({ length: 5000 }, (_, i) => i + 11));
      t.same(await ids(store, { notIds }, 1000), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      const queries = Array.from({ length: 60 }, (_, i) => ({ space: 'text', vector: at(i), limit: 1 }));
      const answers = await store.search('image', queries);
      t.same(
        answers.map(([hit]) => hit!.id),
        queries.map((_, i) => i + 1),
      );
    },
  );

  t.test('of writes at the same time the newest stands, whoever comes last', async (t) => {
    const { store } = await opened(t);
    const versions = Array.from({ length: 24 }, (_, i) => ((i * 7) % 24) + 1);
    await Promise.all(
      versions.map((version) =>
        version % 5 === 0
          ? store.remove('image', [{ id: 1, version }])
          : store.upsert('image', [point(1, version, { version }), point(2, 90 - version, { version })]),
      ),
    );
    t.same(await store.scroll('image', 0, 10), [
      { id: 1, version: 24 },
      { id: 2, version: 24 },
    ]);
    const found = (await store.vectors('image', 'text', [1])).get(1)!;
    t.ok(found.every((value, i) => Math.abs(value - at(24)[i]!) < 1e-3));
  });

  t.test('an empty collection, an unopened kind and a limit of 0 answer nothing', async (t) => {
    const { store } = await opened(t);
    t.same(await ids(store), []);
    t.same(await ids(store, { maxLevel: 1, tags: ['x'] }), []);
    t.equal(await store.count('image'), 0);
    t.same(await store.scroll('image', 0, 10), []);
    t.same(await store.search('model', [{ space: 'text', vector: at(0), limit: 3 }]), [[]]);
    t.equal(await store.count('model'), 0);
    t.same(await ids(store, undefined, 0), []);
  });

  t.test('scroll pages through every point in id order', async (t) => {
    const numbers = Array.from({ length: 25 }, (_, i) => ((i * 7) % 25) + 1);
    const { store } = await opened(
      t,
      numbers.map((id) => point(id, id, { version: id * 10 })),
    );
    const seen: number[] = [];
    for (let after = 0; ; after = seen.at(-1)!) {
      const page = await store.scroll('image', after, 10);
      if (page.length === 0) break;
      for (const { id, version } of page) {
        t.equal(version, id * 10);
        seen.push(id);
      }
    }
    t.same(
      seen,
      [...numbers].sort((a, b) => a - b),
    );
  });

  t.test('what was flushed is there after opening again', async (t) => {
    const { store, backend } = await opened(t, [
      carrying(1, 0, { tags: ['fox'], level: 2 }),
      point(2, 30, { version: 8 }),
      point(3, 60),
    ]);
    await store.remove('image', [{ id: 3, version: 9 }]);
    const name = await store.open(SPEC);
    await store.flush();
    await store.close();
    const again = await backend.open();
    t.equal(await again.open(SPEC), name, 'the same collection');
    t.same(await ids(again), [1, 2]);
    t.same(await ids(again, { tags: ['fox'], maxLevel: 2 }), [1]);
    await again.upsert('image', [point(2, 90, { version: 7 }), point(3, 0, { version: 9 })]);
    t.same(await again.scroll('image', 0, 10), [
      { id: 1, version: 1 },
      { id: 2, version: 8 },
    ]);
  });

  t.test('opening again changes nothing; other spaces make a new, empty collection', async (t) => {
    const { store } = await opened(t, [point(1, 0)]);
    const name = await store.open(SPEC);
    t.equal(await store.open(SPEC), name);
    t.equal(await store.count('image'), 1);
    t.same(store.spec('image'), SPEC);
    const wider = await store.open({ kind: 'image', spaces: { text: 16 } });
    t.not(wider, name);
    t.equal(await store.count('image'), 0);
  });

  t.test('a new collection is filled aside and switched to while searches go on', async (t) => {
    const { store } = await opened(t, [point(1, 0)]);
    const old = await store.open(SPEC);
    const name = await store.create(SPEC);
    await store.upsert('image', [point(2, 0), point(3, 10)], name);
    await store.remove('image', [{ id: 3, version: 2 }], name);
    t.same(await ids(store), [1], 'the old one still serves');
    const answers: Promise<number[]>[] = [];
    for (let i = 0; i < 20; i++) answers.push(ids(store));
    const switched = store.activate('image', name);
    for (let i = 0; i < 20; i++) answers.push(ids(store));
    await switched;
    for (const found of await Promise.all(answers))
      t.ok(
        found.length === 1 && (found[0] === 1 || found[0] === 2),
        'each search sees one of the two, whole',
      );
    t.same(await ids(store), [2]);
    t.equal(await store.open(SPEC), name);
    await t.rejects(store.upsert('image', [point(1, 0)], old), HamletError, 'the old one is gone');
  });

  t.test(
    'filters that keep half, a fifth or a fiftieth lose almost nothing of the exact answer',
    async (t) => {
      const { store } = await opened(t);
      const [count, limit, random] = [1500, 20, randomOf(7)];
      const vectors = clusteredVectors({ count: count + 10, dims: 8, clusters: 12, seed: 3 });
      const points = vectors.slice(0, count).map((vector, i): Point => {
        const tags = ['half', 'fifth', 'fiftieth'].filter((_, k) => random() < [0.5, 0.2, 0.02][k]!);
        const level = [1, 2, 4, 8][Math.floor(random() * 4)]!;
        return {
          id: i + 1,
          version: 1,
          vectors: { text: vector },
          payload: { level, creator: i % 50, tags },
        };
      });
      for (let i = 0; i < count; i += 500) await store.upsert('image', points.slice(i, i + 500));
      const filters: { filter: VectorFilter; keeps: (point: Point) => boolean }[] = [
        { filter: {}, keeps: () => true },
        ...['half', 'fifth', 'fiftieth'].map((tag) => ({
          filter: { tags: [tag], maxLevel: 4 },
          keeps: ({ payload }: Point) => payload.tags.includes(tag) && payload.level <= 4,
        })),
      ];
      for (const { filter, keeps } of filters) {
        const kept = points.filter(keeps);
        let right = 0;
        let asked = 0;
        for (const query of vectors.slice(count)) {
          const truth = exactNearest(kept, query, limit);
          const [hits] = await store.search('image', [{ space: 'text', vector: query, limit, filter }]);
          right += hits!.filter(({ id }) => truth.has(id)).length;
          asked += truth.size;
          t.equal(hits!.length, truth.size);
        }
        t.ok(right / asked >= 0.98, `recall ${right / asked} for ${JSON.stringify(filter)}`);
      }
    },
  );
}
