import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import type { ItemKind } from '../../catalog/types.ts';
import { artifactInvalid, type Manifest, readManifest, writeArtifact } from '../artifact.ts';
import { CONTRACT } from './build.ts';
import { withLookup } from './graph.ts';
import type { ItemGraph, SparseRows } from './types.ts';

type Numbers = Int32Array | Float32Array | Uint16Array;

/**
 * Writes the graph as an artifact: one little-endian array a file, named for its field.
 * @param folder by convention `item-graph-<kind>-<version>`.
 */
export async function saveItemGraph(graph: ItemGraph, folder: string, kind: ItemKind): Promise<Manifest> {
  const arrays: Record<string, Numbers> = {
    items: graph.items,
    popularity: graph.popularity,
    trend: graph.trend,
    cluster: graph.cluster,
    ...rowArrays('neighbours', graph.neighbours),
    ...rowArrays('transitions', graph.transitions),
  };
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.bin`, littleEndian(array)]);
  const { dataset = '', users = 0, interactions = 0, parameters = {} } = graph.made ?? {};
  return writeArtifact(
    folder,
    {
      kind: `item-graph-${kind}`,
      version: graph.version,
      contract: CONTRACT,
      dataset: { digest: dataset, users, interactions, items: graph.items.length },
      parameters: { ...parameters, clusters: graph.clusters },
    },
    Object.fromEntries(files) as Record<string, Uint8Array>,
  );
}

/**
 * Reads a stored graph, whatever is in the folder: digests, shapes and ranges are checked, so that the
 * pipeline can index its arrays without looking.
 * @throws HamletError `artifact-invalid` (422)
 */
export async function loadItemGraph(folder: string): Promise<ItemGraph> {
  const manifest = await readManifest(folder);
  if (manifest.contract !== CONTRACT)
    throw artifactInvalid(folder, `it is a ${manifest.contract}, this release reads ${CONTRACT}`);
  const require = (holds: boolean, reason: string) => {
    if (!holds) throw artifactInvalid(folder, reason);
  };
  const read = async (name: string) => {
    const listed = Object.hasOwn(manifest.files, `${name}.bin`) ? manifest.files[`${name}.bin`] : undefined;
    if (listed === undefined) throw artifactInvalid(folder, `${name}.bin is not in the manifest`);
    const bytes = await readFile(join(folder, `${name}.bin`)).catch((error: unknown) => {
      throw artifactInvalid(folder, `${name}.bin cannot be read`, error);
    });
    require(bytes.length === listed.bytes, `${name}.bin is not ${listed.bytes} bytes long`);
    require(createHash('sha256').update(bytes).digest('hex') ===
      listed.sha256, `${name}.bin differs from its digest`);
    require(bytes.length % 4 === 0 || name === 'cluster', `${name}.bin is not whole`);
    require(bytes.length % 2 === 0, `${name}.bin is not whole`);
    return nativeOrder(bytes, name === 'cluster' ? 2 : 4);
  };
  const integers = async (name: string) => new Int32Array(await read(name));
  const reals = async (name: string) => new Float32Array(await read(name));
  const rows = async (name: string): Promise<SparseRows> => ({
    offsets: await integers(`${name}.offsets`),
    columns: await integers(`${name}.columns`),
    weights: await reals(`${name}.weights`),
  });

  const items = await integers('items');
  const n = items.length;
  require(isAscending(items, 1, true), 'items.bin is not ascending');
  const graph = {
    version: manifest.version,
    items,
    neighbours: await rows('neighbours'),
    transitions: await rows('transitions'),
    popularity: await reals('popularity'),
    trend: await reals('trend'),
    cluster: new Uint16Array(await read('cluster')),
    clusters: Number(manifest.parameters.clusters),
    made: madeFrom(manifest),
  };
  for (const name of ['neighbours', 'transitions'] as const)
    require(areRows(graph[name], n), `the rows of ${name} do not fit ${n} items`);
  for (const name of ['popularity', 'trend'] as const)
    require(graph[name].length === n &&
      graph[name].every(Number.isFinite), `${name}.bin does not fit ${n} items`);
  require(Number.isSafeInteger(graph.clusters) &&
    graph.clusters >= 1 &&
    graph.clusters <= 65_536, 'clusters is no count');
  require(graph.cluster.length === n &&
    graph.cluster.every((c) => c < graph.clusters), `cluster.bin does not fit ${n} items`);
  return withLookup(graph);
}

const rowArrays = (name: string, rows: SparseRows): Record<string, Numbers> => ({
  [`${name}.offsets`]: rows.offsets,
  [`${name}.columns`]: rows.columns,
  [`${name}.weights`]: rows.weights,
});

function madeFrom({ dataset, parameters }: Manifest): ItemGraph['made'] {
  const { clusters: _, ...given } = parameters;
  return {
    dataset: String(dataset.digest),
    users: Number(dataset.users),
    interactions: Number(dataset.interactions),
    parameters: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, Number(value)])),
  };
}

function isAscending(values: Int32Array, least: number, strictly: boolean): boolean {
  return values.every(
    (value, at) =>
      value >= least && (at === 0 || (strictly ? value > values[at - 1]! : value >= values[at - 1]!)),
  );
}

const areRows = ({ offsets, columns, weights }: SparseRows, n: number): boolean =>
  offsets.length === n + 1 &&
  offsets[0] === 0 &&
  offsets[n] === columns.length &&
  columns.length === weights.length &&
  isAscending(offsets, 0, false) &&
  columns.every((column) => column >= 0 && column < n) &&
  weights.every(Number.isFinite);

function littleEndian(array: Numbers): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return endianness() === 'LE' ? bytes : swapped(bytes, array.BYTES_PER_ELEMENT);
}

/** The bytes in a buffer of their own, in this machine's order. */
function nativeOrder(bytes: Buffer, width: number): ArrayBuffer {
  const own = endianness() === 'LE' ? new Uint8Array(bytes) : swapped(bytes, width);
  return own.buffer as ArrayBuffer;
}

const swapped = (bytes: Uint8Array, width: number): Uint8Array =>
  width === 2 ? Buffer.from(bytes).swap16() : Buffer.from(bytes).swap32();
