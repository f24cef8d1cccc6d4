import t from 'tap';
import { worldSize } from '../../../seed/index.ts';
import { lookAtWorld } from '../../../seed/vectors/make.ts';
import { readShippedVectors, writeShippedVectors } from '../../../seed/vectors/shipped.ts';
import { makeWorld } from '../../../seed/world.ts';
import type { ClipEncoder } from '../../../src/models/index.ts';

const { items } = makeWorld(worldSize('small'));
const made = { encoder: 'clip/8@abc', dims: 8 };
/** Unit vectors that tell items apart, none for the third. */
const vectors = items.map((_, index) =>
  index === 2 ? null : Float32Array.from({ length: 8 }, (_, d) => Math.sin(index + d) / 2),
);

t.test('vectors come back as they were written, to half precision', async (t) => {
  const folder = t.testdir();
  t.equal((await writeShippedVectors(items, vectors, made, folder)).bytes, items.length * 8 * 2);
  const shipped = (await readShippedVectors(items, folder))!;
  t.match(shipped, made);
  t.equal(shipped.vectorOf(2), null);
  for (const index of [0, 1, 3, items.length - 1])
    shipped.vectorOf(index)!.forEach((value, d) => {
      t.ok(Math.abs(value - vectors[index]![d]!) < 1e-3);
    });
});

t.test('those of another world, of other pictures, or cut short are not used', async (t) => {
  const folder = t.testdir();
  await writeShippedVectors(items, vectors, made, folder);
  t.equal(await readShippedVectors(makeWorld(worldSize('small', 2)).items, folder), null);
  t.equal(await readShippedVectors([{ ...items[0]!, url: '/other.webp' }, ...items.slice(1)], folder), null);
  await writeShippedVectors(items.slice(0, 5), vectors.slice(0, 5), made, folder);
  t.equal(await readShippedVectors(items, folder), null);
  t.equal(await readShippedVectors(items, t.testdir()), null, 'nor is there anything where none ship');
});

t.test('every item with a picture is looked at, each by its own', async (t) => {
  const encoder = {
    shape: (image: unknown) => image,
    encodePixels: async (pictures: Uint8Array[]) => pictures.map(([first]) => Float32Array.of(first!)),
  } as unknown as ClipEncoder;
  const asked: string[] = [];
  const images = {
    async load(source: string | Buffer) {
      asked.push(String(source));
      return { data: Uint8Array.of(asked.length % 251), width: 1, height: 1 };
    },
  };
  const told: number[] = [];
  const seen = await lookAtWorld(items.slice(0, 40), { encoder, images }, (part) => told.push(part));
  const urls = items.slice(0, 40).map(({ url }) => url!);
  t.same(
    asked,
    urls.filter((url) => url !== ''),
  );
  t.same(
    seen.map((vector) => vector === null),
    urls.map((url) => url === ''),
  );
  t.equal(told.at(-1), 1);
});
