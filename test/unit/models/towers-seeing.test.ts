import { setImmediate as soon } from 'node:timers/promises';
import t from 'tap';
import type { Shape } from '../../../src/images/index.ts';
import { openTowerModel, readTowerArtifact } from '../../../src/models/index.ts';
import { FLOAT, floats, model, node, value } from '../../../src/safety/pixels/onnx-writer.ts';
import { plantColumns } from '../../support/recommend-world.ts';
import { type PlantedTowers, writeRingTowers } from '../../support/tower-artifact.ts';

/** Items 1…10 of the ring; 11 to 14 came later. */
const columns = plantColumns(Array.from({ length: 14 }, () => ({})));
const IDS = Array.from({ length: 10 }, (_, n) => `item-${n + 1}`);
const SIDE = 8;
const INT32 = 6;
const made = { side: SIDE, crop: 0, kernel: 3 };

/** A picture all of whose bytes are n looks like item n + 1 of the ring. */
function sees(dims: number): Uint8Array {
  const table = Float32Array.from({ length: 256 * dims }, (_, at) =>
    Number(at % dims === Math.floor(at / dims) % dims),
  );
  return model(
    [
      node('ReduceMax', ['pixels'], 'most', { axes: [1, 2, 3], keepdims: 0 }),
      node('Gather', ['table', 'most'], 'vectors', { axis: 0 }),
    ],
    [floats('table', [256, dims], table)],
    [value('pixels', INT32, ['batch', SIDE, SIDE, 3])],
    [value('vectors', FLOAT, ['batch', dims])],
  );
}

const towersThatSee = async (home: string, planted: PlantedTowers = {}, dims = 10) =>
  readTowerArtifact(
    await writeRingTowers(home, IDS, {
      ...planted,
      parameters: { ...made, ...planted.parameters },
      files: { 'vision.onnx': sees(dims), ...planted.files },
    }),
  );

/** CLIP's vector says that a picture could be read; what it says of it is nobody's business. */
const embedded = async (items: number[]) =>
  new Map(items.filter((item) => item !== 14).map((item) => [item, new Float32Array(10)]));
const square = (n: number) => new Uint8Array(SIDE * SIDE * 3).fill(n);

t.test('an item that came after the training is known by what the artifact itself sees in it', async (t) => {
  const asked: number[] = [];
  const shapes = new Set<Shape>();
  const readPictures = async (items: number[], shape: Shape) => {
    asked.push(...items);
    shapes.add(shape);
    const there: [number, Uint8Array[]][] = [
      [11, [square(2)]],
      [12, [square(2), square(4)]],
      [13, []],
    ];
    return new Map(there.filter(([item]) => items.includes(item)));
  };
  const artifact = await towersThatSee(t.testdir());
  t.match(artifact.vision, { side: SIDE, crop: null, kernel: 'cubic', dims: 10 });
  const towers = openTowerModel(artifact, columns, embedded, { readPictures });
  t.teardown(() => towers.close());
  await towers.rejoin();
  t.same([...new Set(asked)], [11, 12, 13], 'no known item, and none whose picture is not there yet');
  t.same([13, 14].map(towers.columnOf), [-1, -1], 'one whose picture cannot be read stays unknown');
  t.equal([...shapes][0]!.enough, SIDE);
  const [eleven, twelve] = [11, 12].map(towers.columnOf) as [number, number];
  t.equal(towers.likeness(2, eleven), 1, 'like item 3');
  t.ok(Math.abs(towers.likeness(4, twelve) - Math.SQRT1_2) < 1e-6, 'two pictures are their mean');
  const { columns: best } = await towers.ask({ user: 1, seq: 1 }, Int32Array.of(1));
  t.same([...best.slice(0, 2)].map(towers.itemAt).sort(), [11, 3]);
});

t.test(
  'where lists are made nothing waits for pictures, and a failure is told at the next look',
  async (t) => {
    const { promise, reject } = Promise.withResolvers<Map<number, Uint8Array[]>>();
    let reading = promise;
    const towers = openTowerModel(await towersThatSee(t.testdir()), columns, embedded, {
      readPictures: () => reading,
      ...{ waits: false, againMs: 0 },
    });
    t.teardown(() => towers.close());
    await towers.rejoin();
    t.equal(towers.columnOf(11), -1);
    reject(new Error('the database is away'));
    await promise.catch(() => {});
    for (let turn = 0; turn < 20; turn++) await soon();
    reading = Promise.resolve(new Map([[11, [square(2)]]]));
    await t.rejects(async () => towers.rejoin(), /the database is away/);
    for (const end = Date.now() + 60_000; towers.columnOf(11) < 0 && Date.now() < end; ) await soon();
    t.equal(towers.likeness(2, towers.columnOf(11)), 1);
  },
);

t.test('what cannot be looked at is in nobody’s way, and waits longer each time', async (t) => {
  const many = plantColumns(Array.from({ length: 80 }, () => ({})));
  const all = async (items: number[]) => new Map(items.map((item) => [item, new Float32Array(10)]));
  const asked: number[] = [];
  const towers = openTowerModel(await towersThatSee(t.testdir()), many, all, {
    againMs: 3_600_000,
    async readPictures(items) {
      asked.push(...items);
      if (items.includes(11)) throw new Error('away');
      return new Map(items.includes(75) ? [[75, [square(2)]]] : []);
    },
  });
  t.teardown(() => towers.close());
  await t.rejects(async () => towers.rejoin(), /away/);
  await towers.rejoin();
  t.equal(
    towers.likeness(2, towers.columnOf(75)),
    1,
    'the next look comes to the items after those that failed',
  );
  await towers.rejoin();
  t.equal(asked.filter((item) => item === 11).length, 1);
  t.equal(
    asked.filter((item) => item === 80).length,
    1,
    'nor is one without a picture asked for again at once',
  );
});

t.test('towers that are closed wait for no picture', async (t) => {
  let waiting = 0;
  const towers = openTowerModel(await towersThatSee(t.testdir()), columns, embedded, {
    waits: false,
    readPictures: (_items, _shape, signal) =>
      new Promise((_, reject) => {
        waiting++;
        signal!.addEventListener('abort', () => reject(signal!.reason));
      }),
  });
  await towers.rejoin();
  for (let turn = 0; turn < 1000 && waiting === 0; turn++) await soon();
  t.equal(waiting, 1);
  await towers.close();
  t.equal(towers.columnOf(11), -1);
});

t.test('a picture half that is not what its manifest says is refused', async (t) => {
  const home = t.testdir();
  const wrong: Record<string, [PlantedTowers, RegExp]> = {
    huge: [{ parameters: { side: 100_000 } }, /side is not from 8 to 591/],
    crop: [{ parameters: { crop: 7 } }, /crop is no part/],
    kernel: [{ parameters: { kernel: 9 } }, /kernel 9 is not known/],
    blind: [{ content: false }, /has no length/],
  };
  for (const [version, [planted, reason]] of Object.entries(wrong))
    await t.rejects(towersThatSee(home, { version, ...planted }), {
      ...{ code: 'artifact-invalid', message: reason },
    });
  const inputs = { pixels: { type: 'int32', dims: [1, SIDE, SIDE, 3], data: [...square(2)] } };
  const answers = (data: number[]) => ({
    'answers.json': Buffer.from(
      JSON.stringify([
        { model: 'vision.onnx', inputs, outputs: { vectors: { type: 'float32', dims: [1, 10], data } } },
      ]),
    ),
  });
  const like = (item: number) => Array.from({ length: 10 }, (_, d) => Number(d === item - 1));
  await t.resolves(towersThatSee(home, { version: 'answers', files: answers(like(3)) }));
  await t.rejects(
    towersThatSee(home, { version: 'otherwise', files: answers(like(4)) }),
    /off its stored answer/,
  );
  const narrow = openTowerModel(await towersThatSee(home, { version: 'narrow' }, 7), columns, embedded, {
    readPictures: async () => new Map([[11, [square(2)]]]),
  });
  t.teardown(() => narrow.close());
  await t.rejects(async () => narrow.rejoin(), {
    code: 'artifact-invalid',
    message: /does not answer 10 numbers/,
  });
  t.equal(
    (await narrow.ask({ user: 1, seq: 1 }, Int32Array.of(1))).columns.length,
    10,
    'what it knows serves on',
  );
});
