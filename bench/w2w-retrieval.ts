import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SHIPPED_BASE, shippedLora, worldSize } from '../seed/index.ts';
import { readShippedVectors } from '../seed/vectors/shipped.ts';
import { makeWorld } from '../seed/world.ts';
import { runHamletSidecar } from '../src/cli/on-sidecar.ts';
import { bootstrap } from '../src/evaluation/intervals.ts';
import { EVENT_STRENGTH } from '../src/events/types.ts';
import { coordinatesIn } from '../src/w2w/index.ts';
import { writeResults } from './machine.ts';

/**
 * Whether where a LoRA lies in weight space says more of what a person takes next than how its pictures look. The
 * demo world's people, models alone: the last model that somebody newly liked, took or used is the target, all 240
 * that they have not seen are ranked by their cosine to the mean of the twenty before.
 *   node bench/w2w-retrieval.ts [whole]
 */
const HISTORY = 20;
const FEWEST = 3;
const K = 10;
/** Of the space that places are taken from, where there is one. */
const METHOD = 'svd';
type Vectors = Map<string, Float32Array>;
type Case = { history: string[]; target: string };

export async function main(method = METHOD): Promise<void> {
  const { items, events } = makeWorld(worldSize('full'));
  const ids = items.filter(({ kind }) => kind === 'model').map(({ id }) => id);
  const shipped = (await readShippedVectors(items))!;
  const clip: Vectors = new Map();
  for (const [index, { kind, id }] of items.entries()) {
    const vector = kind === 'model' ? shipped.vectorOf(index) : null;
    if (vector) clip.set(id, vector);
  }
  const weights = await coordinates(ids, 100, method);
  const cases = casesOf(events.filter(({ itemKind }) => itemKind === 'model'));
  const known = ids.filter((id) => clip.has(id) && weights.has(id));
  const gains = cases
    .filter(({ target }) => known.includes(target))
    .map((one) => {
      const [looks, place] = [clip, weights].map((vectors) => standardised(scores(one, known, vectors)));
      return {
        clip: gain(one, known, looks!),
        weights: gain(one, known, place!),
        both: gain(
          one,
          known,
          looks!.map((score, n) => score + place![n]!),
        ),
      };
    });
  const names = ['clip', 'weights', 'both'] as const;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const figures = Object.fromEntries(
    names.map((name) => [
      name,
      {
        [`HR@${K}`]: mean(gains.map((one) => Number(one[name] > 0))),
        [`NDCG@${K}`]: mean(gains.map((one) => one[name])),
      },
    ]),
  );
  const perPerson = (change: (one: (typeof gains)[0]) => number) => Float64Array.from(gains.map(change));
  const added = {
    ...{ mean: mean(gains.map(({ both, clip }) => both - clip)) },
    interval: bootstrap({ added: perPerson(({ both, clip }) => both - clip) }, 1).added,
  };
  const result = { method, people: gains.length, models: known.length, figures, [`addedNDCG@${K}`]: added };
  console.log(JSON.stringify(result, null, 2));
  if (method === METHOD)
    await writeResults('w2w-retrieval', { command: 'node bench/w2w-retrieval.ts', ...result });
}

/** Coordinates of the zoo in a space of all its layers, by the job that `POST /admin/w2w/spaces` asks for. */
export async function coordinates(ids: string[], dimensions = 100, method = METHOD): Promise<Vectors> {
  const folder = await mkdtemp(join(tmpdir(), 'hamlet-retrieval-'));
  try {
    const fileOf = shippedLora();
    await cp(dirname(fileOf(ids[0]!)!), join(folder, 'loras'), { recursive: true });
    await cp(SHIPPED_BASE, join(folder, 'base'), { recursive: true });
    const loras = dirname(fileOf(ids[0]!)!);
    const members = ids.map((id) => ({ id, file: `loras${fileOf(id)!.slice(loras.length)}` }));
    await writeFile(join(folder, 'members.json'), JSON.stringify(members));
    const { artifact } = await runHamletSidecar<{ artifact: string }>(
      ['run', 'build-w2w-space', '--spec', '-', '--artifacts', folder],
      { input: { members: 'members.json', base: 'base', method, dimensions }, line: () => true },
    );
    const { members: placed } = JSON.parse(await readFile(join(folder, artifact, 'space.json'), 'utf8'));
    return coordinatesIn(await readFile(join(folder, artifact, 'space.safetensors')), placed);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function casesOf(events: { userId: string; itemId: string; type: string; occurredAt: string }[]): Case[] {
  const taken = new Map<string, string[]>();
  const ordered = events.toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : 1));
  for (const { userId, itemId, type } of ordered) {
    if (EVENT_STRENGTH[type as keyof typeof EVENT_STRENGTH] < 1) continue;
    const before = taken.get(userId) ?? [];
    if (!before.includes(itemId)) taken.set(userId, [...before, itemId]);
  }
  return [...taken.values()]
    .filter((items) => items.length > FEWEST)
    .map((items) => ({ history: items.slice(0, -1), target: items.at(-1)! }));
}

function scores({ history }: Case, known: string[], vectors: Vectors): number[] {
  const mean = new Float32Array(vectors.values().next().value!.length);
  for (const id of history.slice(-HISTORY)) {
    const vector = vectors.get(id);
    if (vector) for (let i = 0; i < mean.length; i++) mean[i]! += vector[i]! / norm(vector);
  }
  return known.map((id) => {
    const vector = vectors.get(id)!;
    let dot = 0;
    for (let i = 0; i < mean.length; i++) dot += vector[i]! * mean[i]!;
    return dot / Math.max(norm(vector) * norm(mean), 1e-12);
  });
}

const norm = (vector: Float32Array) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

function standardised(values: number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (value - mean) / Math.max(spread, 1e-12));
}

/** 1/log2(rank + 1) within the first ten, ties counted against it; what the person had is not ranked. */
function gain({ history, target }: Case, known: string[], values: number[]): number {
  const mine = values[known.indexOf(target)]!;
  const had = new Set(history);
  const before = known.filter((id, n) => id !== target && !had.has(id) && values[n]! >= mine).length;
  return before < K ? 1 / Math.log2(before + 2) : 0;
}

if (import.meta.main) await main(process.argv[2]);
