import t from 'tap';
import { madeAt } from '../../../src/vectors/names.ts';
import { address } from '../../../src/vectors/qdrant/connect.ts';
import { qdrantFilter } from '../../../src/vectors/qdrant/filter.ts';
import { gatedRequests, pointWrite, tombstoneWrite } from '../../../src/vectors/qdrant/points.ts';

t.test('VECTORS_URL is taken as it stands: scheme, port, path of a proxy', async (t) => {
  const local = { https: false, prefix: '', host: '127.0.0.1' };
  t.same(address('http://127.0.0.1:7000'), { ...local, port: 7000 });
  t.same(address('http://127.0.0.1'), { ...local, port: 6333 });
  t.same(address('http://127.0.0.1:80'), { ...local, port: null });
  const remote = { https: true, host: 'q.example.com' };
  t.same(address('https://q.example.com:443/'), { ...remote, port: null, prefix: '' });
  t.same(address('https://q.example.com:6333/index/a/'), { ...remote, port: 6333, prefix: '/index/a' });
  for (const wrong of ['q.example.com', 'ftp://q.example.com', 'http://:secret@'])
    t.throws(() => address(wrong), { code: 'vectors-url-invalid', message: /^((?!secret).)*$/ });
});

const point = (id: number, version: number, dims = 2) =>
  pointWrite(
    {
      ...{ id, version, vectors: { text: new Float32Array(dims).fill(1), other: Float32Array.of(1) } },
      payload: { level: 1, creator: 2, tags: ['a'] },
    },
    { text: dims },
  );

t.test('one upsert a version, let through only where the stored version is lower', async (t) => {
  const [request, ...more] = gatedRequests([point(1, 3), point(2, 5), tombstoneWrite({ id: 3, version: 3 })]);
  t.same(more, []);
  const half = Math.fround(Math.SQRT1_2);
  t.same(request!.operations, [
    {
      upsert: {
        points: [
          {
            id: 1,
            vector: { text: [half, half] },
            payload: { level: 1, creator: 2, tags: ['a'], version: 3 },
          },
          { id: 3, vector: {}, payload: { version: 3 } },
        ],
        update_filter: { must: [{ key: 'version', range: { lt: 3 } }] },
      },
    },
    {
      upsert: {
        points: [
          {
            id: 2,
            vector: { text: [half, half] },
            payload: { level: 1, creator: 2, tags: ['a'], version: 5 },
          },
        ],
        update_filter: { must: [{ key: 'version', range: { lt: 5 } }] },
      },
    },
  ]);
});

t.test('of one point only the newest write is sent', async (t) => {
  const requests = gatedRequests([
    point(1, 3),
    point(1, 9),
    point(1, 4),
    tombstoneWrite({ id: 1, version: 8 }),
  ]);
  const sent = JSON.stringify(requests);
  t.match(sent, /"version":9/);
  t.notMatch(sent, /"version":[348]/);
});

t.test('many or long vectors go in several requests', async (t) => {
  const ids = (writes: ReturnType<typeof point>[]) =>
    gatedRequests(writes).map(({ operations }) => JSON.stringify(operations).match(/"id":/g)!.length);
  t.same(ids(Array.from({ length: 2500 }, (_, i) => point(i + 1, 1))), [1000, 1000, 500]);
  t.same(ids(Array.from({ length: 90 }, (_, i) => point(i + 1, 1, 4096))), [48, 42]);
  t.same(gatedRequests([]), []);
});

t.test('a filter without conditions is none', async (t) => {
  t.equal(qdrantFilter(), undefined);
  t.equal(qdrantFilter({ tags: [], notCreators: [], notIds: [] }), undefined);
  t.same(qdrantFilter({ maxLevel: 3, notIds: new Set([4]) }), {
    must: [{ key: 'level', match: { any: [1, 2] } }],
    must_not: [{ has_id: [4] }],
  });
});

t.test('only a collection’s own name tells when it was made', async (t) => {
  const name = 'hamlet-image-20261124T101112-00ff00ff';
  t.equal(madeAt(name, 'image'), Date.UTC(2026, 10, 24, 10, 11, 12));
  t.equal(madeAt(name, 'model'), undefined);
  t.equal(madeAt(name, 'image', 'other'), undefined);
  t.equal(madeAt(`${name}/..`, 'image'), undefined);
  t.equal(madeAt('hamlet-image-notes', 'image'), undefined);
});
