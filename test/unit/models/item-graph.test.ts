import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import {
  buildItemGraph,
  buildItemGraphInWorker,
  loadItemGraph,
  saveItemGraph,
} from '../../../src/models/index.ts';
import type { InteractionLog, ItemGraph, SparseRows } from '../../../src/models/item-graph/types.ts';

/** Rows are histories of item refs, oldest first. */
function logOf(rows: number[][], syntheticTime = true): InteractionLog {
  const items = Int32Array.from(new Set(rows.flat())).sort();
  const columns = Int32Array.from(rows.flat(), (ref) => items.indexOf(ref));
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, user) => {
    offsets[user + 1] = offsets[user]! + row.length;
  });
  const times = Float64Array.from(rows.flatMap((row) => row.map((_, step) => step)));
  const strengths = new Float32Array(columns.length).fill(1);
  return { items, users: rows.length, offsets, columns, strengths, times, syntheticTime };
}

const rowOf = (graph: ItemGraph, rows: SparseRows, ref: number): [number, number][] => {
  const column = graph.columnOf(ref);
  const entries: [number, number][] = [];
  for (let k = rows.offsets[column]!; k < rows.offsets[column + 1]!; k++)
    entries.push([graph.items[rows.columns[k]!]!, rows.weights[k]!]);
  return entries;
};

/** White users like white squares, black users black ones: two worlds that never meet. */
const checkerboard = () =>
  logOf(
    Array.from({ length: 40 }, (_, user) =>
      Array.from({ length: 6 }, (_, n) => 10 + 2 * ((user + n * (1 + (user % 3))) % 10) + (user % 2)),
    ),
  );

for (const [name, options] of [
  ['EASE', { lambda: 5 }],
  ['co-visitation', { easeItems: 0 }],
] as const) {
  t.test(`neighbours by ${name} never cross the colours of a checkerboard`, async (t) => {
    const graph = buildItemGraph(checkerboard(), options);
    t.equal(graph.items.length, 20);
    for (const ref of graph.items) {
      const neighbours = rowOf(graph, graph.neighbours, ref);
      t.ok(neighbours.length > 0);
      t.ok(neighbours.every(([other, weight]) => other % 2 === ref % 2 && other !== ref && weight > 0));
      t.ok(neighbours.every(([, weight], n) => n === 0 || weight <= neighbours[n - 1]![1]));
    }
  });
}

t.test('co-visitation is the shrunk cosine of the users two items share', async (t) => {
  const graph = buildItemGraph(
    logOf([
      [1, 2],
      [1, 2],
      [1, 3],
      [2, 1],
    ]),
    { easeItems: 0, shrink: 2 },
  );
  const [[other, weight], last] = rowOf(graph, graph.neighbours, 1) as [[number, number], [number, number]];
  t.equal(other, 2);
  t.ok(Math.abs(weight - (3 / Math.sqrt(4 * 3)) * (3 / 5)) < 1e-6);
  t.same(last[0], 3);
  t.ok(Math.abs(last[1] - (1 / Math.sqrt(4)) * (1 / 3)) < 1e-6);
});

t.test('on a ring every item has one follower, with share 1', async (t) => {
  const rows = Array.from({ length: 12 }, (_, user) =>
    Array.from({ length: 5 }, (_, n) => 1 + ((user + n) % 12)),
  );
  const graph = buildItemGraph(logOf(rows));
  for (const ref of graph.items) t.same(rowOf(graph, graph.transitions, ref), [[1 + (ref % 12), 1]]);
});

t.test('shares of what comes next sum to 1, and a repeat is no step', async (t) => {
  const graph = buildItemGraph(
    logOf([
      [1, 2, 1, 3, 3],
      [1, 2],
    ]),
  );
  const after = rowOf(graph, graph.transitions, 1);
  t.same(
    after.map(([ref]) => ref),
    [2, 3],
  );
  t.ok(Math.abs(after[0]![1] - 2 / 3) < 1e-6 && Math.abs(after[1]![1] - 1 / 3) < 1e-6);
  t.same(rowOf(graph, graph.transitions, 3), []);
});

t.test('popularity counts people, not events', async (t) => {
  const graph = buildItemGraph(logOf([[7, 7, 7, 8], [8], [8]]));
  t.same([...graph.popularity], [1, 3]);
});

t.test('trend halves in a week, or in twenty steps where times are steps', async (t) => {
  const week = 7 * 24 * 3600 * 1000;
  const timed = logOf([[1, 2, 3]], false);
  timed.times.set([0, week, 2 * week]);
  t.same([...buildItemGraph(timed).trend], [0.25, 0.5, 1]);
  const steps = logOf([Array.from({ length: 21 }, (_, n) => n + 1)]);
  const { trend } = buildItemGraph(steps);
  t.equal(trend[0], 0.5);
  t.equal(trend[20], 1);
});

t.test('clusters follow the content where it is known, neighbours where it is not', async (t) => {
  const log = logOf(Array.from({ length: 40 }, (_, user) => [2, 4, 6, 8, 10].map((ref) => ref - (user % 2))));
  const content = [...log.items].map((ref) =>
    ref === 10 ? undefined : Float32Array.from(ref % 2 ? [1, 0] : [0, 1]),
  );
  const graph = buildItemGraph(log, { lambda: 1, content });
  t.equal(graph.clusters, 2);
  const of = (ref: number) => graph.cluster[graph.columnOf(ref)]!;
  t.equal(new Set([1, 3, 5, 7, 9].map(of)).size, 1);
  t.equal(new Set([2, 4, 6, 8, 10].map(of)).size, 1);
  t.not(of(1), of(2));
});

t.test('refs the graph does not know have no column', async (t) => {
  const graph = buildItemGraph(logOf([[5, 9]]));
  t.same([5, 9].map(graph.columnOf), [0, 1]);
  t.same([0, 4, 6, 10, 1e9, -1].map(graph.columnOf), Array(6).fill(-1));
});

t.test('the same log gives the same version, another log or option another', async (t) => {
  const version = buildItemGraph(checkerboard()).version;
  t.equal(buildItemGraph(checkerboard()).version, version);
  t.not(buildItemGraph(checkerboard(), { lambda: 1 }).version, version);
  t.not(buildItemGraph(logOf([[1, 2]])).version, version);
});

t.test('an empty log gives a graph that knows nothing', async (t) => {
  const graph = buildItemGraph(logOf([]));
  t.equal(graph.items.length, 0);
  t.equal(graph.columnOf(1), -1);
});

t.test('the worker builds the very same graph and says how far it is', async (t) => {
  const heard: number[] = [];
  const built = await buildItemGraphInWorker(checkerboard(), {}, (fraction) => heard.push(fraction));
  const { columnOf: _, ...arrays } = built!;
  const { columnOf: __, ...expected } = buildItemGraph(checkerboard());
  t.same(arrays, expected);
  t.equal(heard.at(-1), 1);
});

t.test('a graph that is there already is not built again, another one is', async (t) => {
  const { version } = buildItemGraph(checkerboard());
  const heard: number[] = [];
  const again = (options: { lambda?: number }) =>
    buildItemGraphInWorker(checkerboard(), options, (fraction) => heard.push(fraction), version);
  t.equal(await again({}), null);
  t.same(heard, [], 'nothing was built');
  t.not((await again({ lambda: 9 }))?.version, version);
});

t.test('what the build throws comes out of the worker', async (t) => {
  const log = { ...checkerboard(), offsets: new Int32Array(0) };
  await t.rejects(buildItemGraphInWorker(log, { lambda: -1e9 }));
});

t.test('a stored graph is read back as it was', async (t) => {
  const folder = join(t.testdir(), 'item-graph-image-x');
  const graph = buildItemGraph(checkerboard());
  await saveItemGraph(graph, folder, 'image');
  await saveItemGraph(graph, folder, 'image');
  const { columnOf, ...arrays } = await loadItemGraph(folder);
  const { columnOf: _, ...expected } = graph;
  t.same(arrays, expected);
  t.equal(columnOf(11), graph.columnOf(11));
});

t.test('a folder that was damaged in any way is refused as artifact-invalid', async (t) => {
  const graph = buildItemGraph(checkerboard());
  const editManifest = async (folder: string, edit: (manifest: Record<string, never>) => unknown) => {
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(edit(manifest)));
  };
  const damages: Record<string, (folder: string) => Promise<unknown>> = {
    'no folder': (folder) => rm(folder, { recursive: true }),
    'no manifest': (folder) => rm(join(folder, 'manifest.json')),
    'manifest is no JSON': (folder) => writeFile(join(folder, 'manifest.json'), '{"kind":'),
    'manifest is a list': (folder) => writeFile(join(folder, 'manifest.json'), '[]'),
    'manifest is null': (folder) => writeFile(join(folder, 'manifest.json'), 'null'),
    'manifest is huge': (folder) => writeFile(join(folder, 'manifest.json'), ' '.repeat(2 << 20)),
    'manifest names a path': (folder) =>
      editManifest(folder, (m) => ({
        ...m,
        files: { '../../etc/passwd': { sha256: '0'.repeat(64), bytes: 1 } },
      })),
    'another contract': (folder) => editManifest(folder, (m) => ({ ...m, contract: 'item-graph/999' })),
    'clusters gone': (folder) => editManifest(folder, (m) => ({ ...m, parameters: {} })),
    'a file gone': (folder) => rm(join(folder, 'trend.bin')),
    'a file longer': (folder) => appendFile(join(folder, 'trend.bin'), 'abcd'),
    'a file that is a folder': async (folder) => {
      await rm(join(folder, 'trend.bin'));
      await mkdir(join(folder, 'trend.bin'));
    },
    'a bit turned': async (folder) => {
      const path = join(folder, 'neighbours.weights.bin');
      const bytes = await readFile(path);
      bytes[5]! ^= 1;
      await writeFile(path, bytes);
    },
    'two files swapped': async (folder) => {
      await rename(join(folder, 'trend.bin'), join(folder, 'kept'));
      await rename(join(folder, 'popularity.bin'), join(folder, 'trend.bin'));
      await rename(join(folder, 'kept'), join(folder, 'popularity.bin'));
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    const folder = join(t.testdir(), 'graph');
    await saveItemGraph(graph, folder, 'image');
    await damage(folder);
    await t.rejects(loadItemGraph(folder), { code: 'artifact-invalid' }, name);
  }
});

t.test('arrays with good digests that do not fit together are refused too', async (t) => {
  const graph = buildItemGraph(checkerboard());
  const bent: Record<string, Partial<ItemGraph>> = {
    'items out of order': { items: graph.items.slice().reverse() },
    'a negative ref': { items: graph.items.map((ref, n) => (n === 0 ? -ref : ref)) },
    'one popularity too few': { popularity: graph.popularity.slice(1) },
    'a NaN': { trend: graph.trend.map(() => Number.NaN) },
    'a cluster too high': { cluster: graph.cluster.map(() => 9) },
    'a neighbour out of range': {
      neighbours: { ...graph.neighbours, columns: graph.neighbours.columns.map(() => 20) },
    },
    'offsets that fall': {
      transitions: { ...graph.transitions, offsets: graph.transitions.offsets.slice().reverse() },
    },
  };
  for (const [name, part] of Object.entries(bent)) {
    const folder = join(t.testdir(), 'graph');
    await saveItemGraph({ ...graph, ...part }, folder, 'image');
    await t.rejects(loadItemGraph(folder), { code: 'artifact-invalid' }, name);
  }
});

t.test('where people chose, what was merely shown beside it makes no neighbours', async (t) => {
  // Everybody likes things of their colour and is shown the same ten things of the other.
  const liked = checkerboard();
  const rows = Array.from({ length: liked.users }, (_, user) =>
    [...liked.columns.subarray(liked.offsets[user]!, liked.offsets[user + 1]!)].map(
      (column) => liked.items[column]!,
    ),
  );
  const shown = rows.map((row, user) => [
    ...row,
    ...Array.from({ length: 10 }, (_, n) => 11 - (user % 2) + 2 * n),
  ]);
  const log = logOf(shown);
  let at = 0;
  for (const row of shown) for (const [n] of row.entries()) log.strengths[at++] = n < 6 ? 1 : 0.3;
  const strangers = (graph: ItemGraph) =>
    [...graph.items].flatMap((ref) =>
      [...rowOf(graph, graph.neighbours, ref), ...rowOf(graph, graph.transitions, ref)].filter(
        ([other, weight]) => weight > 0 && other % 2 !== ref % 2,
      ),
    ).length;
  t.equal(strangers(buildItemGraph(log)), 0);
  log.strengths.fill(0.3);
  t.not(strangers(buildItemGraph(log)), 0, 'views are all there is');
});
