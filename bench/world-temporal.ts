import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ceilingRanks } from '../seed/ceiling.ts';
import { worldSize } from '../seed/sizes.ts';
import { openTruth, truthOf } from '../seed/truth.ts';
import { readShippedVectors } from '../seed/vectors/shipped.ts';
import { makeWorld, sessionOf, type World } from '../seed/world.ts';
import type { ItemColumns } from '../src/catalog/index.ts';
import type { ItemKind } from '../src/catalog/types.ts';
import { itemKnnBaseline } from '../src/evaluation/baselines/itemknn.ts';
import { popularityBaseline } from '../src/evaluation/baselines/popularity.ts';
import { hitRate, ndcg, rankInList, rankOfTarget } from '../src/evaluation/metrics.ts';
import { rememberedGraphs } from '../src/evaluation/past/graphs.ts';
import { pastPipeline } from '../src/evaluation/past/pipeline.ts';
import type { Asked, Split } from '../src/evaluation/splits.ts';
import { firstOf, readTrained, trainedRecommender } from '../src/evaluation/trained.ts';
import { trainingText } from '../src/evaluation/training-file.ts';
import type { OfflineRecommender } from '../src/evaluation/types.ts';
import type { ReadPictures } from '../src/models/index.ts';
import type { Pipeline } from '../src/recommend/index.ts';
import { writeResults } from './machine.ts';
import { overPeople } from './paired-ratio.ts';
import { clipMean, clipPerInterest } from './world-clip.ts';
import { otherPeople } from './world-others.ts';
import { partOf } from './world-part.ts';
import { columnsOf, servedLog, statesBefore, vectorsOf } from './world-past.ts';
import { openWorldPictures } from './world-pictures.ts';
import { type Question, temporalSplit } from './world-questions.ts';

/**
 * The demo world by a temporal split: what is learned from the first three quarters of its year, asked about each like
 * of the last quarter on a page that was drawn uniformly, as of before that page; the ceiling is the planted affinity.
 *   node bench/world-temporal.ts --training DIR      writes what may be learned, a file a kind
 *   node bench/world-temporal.ts [--artifact DIR]…   measures; artifacts are named by their kind
 *   … --alone      the artifacts alone, each beside the first of its kind
 *   … --every N    one picture of N, as if there were no others: for towers that have seen no more
 *   … [--tower WEIGHT]… [--sequence WEIGHT]…   only the pipeline of towers as it serves, the same with other weights
 *                  of `tower`, and beside a SASRec with these of `sequence`
 *   … --people SEED   the same of other people who met the same things: for choices, and written nowhere
 */
const CUT = 0.75;
const SEED = 1;
const KINDS = ['image', 'model'] as const;

type Row = { name: string; ranks: number[] };
type Weights = { tower: number[]; sequence: number[] };

export async function main(options: string[]): Promise<void> {
  const own = makeWorld(worldSize('full', SEED));
  const others = valuesOf(options, '--people')[0];
  const every = Number(valuesOf(options, '--every')[0] ?? 1);
  const world = partOf(others === undefined ? own : otherPeople(own, Number(others)), every);
  const columns = columnsOf(world);
  const training = valuesOf(options, '--training')[0];
  const artifacts = await Promise.all(valuesOf(options, '--artifact').map(readTrained));
  const weights = weightsOf(options, others !== undefined);
  const alone = options.includes('--alone');
  const drawn = openWorldPictures(world);
  const { readPictures } = drawn;
  const results: Record<string, unknown> = {};
  for (const kind of KINDS) {
    if (alone && !artifacts.some((artifact) => artifact.kind === kind)) continue;
    const asked = questionsOf(world, columns, kind);
    if (training !== undefined) {
      await writeFile(join(training, `${kind}.txt`), trainingText(asked.split, asked.ids));
      continue;
    }
    const rows: Row[] = [];
    const made = { world, columns, kind, asked, artifacts, weights, alone, readPictures };
    for (const [name, recommender] of await recommendersOf(made)) {
      rows.push({ name, ranks: await ranksOf(recommender, asked.split) });
      console.error(`${kind}: ${name}`);
    }
    rows.push({ name: 'ceiling', ranks: [...asked.ceiling] });
    results[`${kind}s`] = report(kind, asked, rows);
  }
  await drawn.close();
  if (training === undefined && others === undefined)
    await writeResults(nameOf(alone, weights, Object.keys(results)), {
      ...{
        cut: CUT,
        seed: SEED,
        ...(every > 1 && { every }),
        artifacts: artifacts.map(({ family, kind, version }) => `${family}-${kind}-${version}`),
      },
      ...results,
    });
}

type Questions = ReturnType<typeof questionsOf>;

function questionsOf(world: World, columns: ItemColumns, kind: ItemKind) {
  const truth = openTruth(truthOf(world));
  const { names, training, questions } = temporalSplit(world, truth, kind, CUT);
  const states = statesBefore(world, columns, CUT, sessionOf);
  const refs = Int32Array.from(names, ({ id }) => columns.refOf(kind, id)!);
  const log = servedLog(world, columns, kind, CUT);
  const split: Split = {
    training: { ...training, items: refs },
    ...{ log, tooShort: 0 },
    questions: questions.map(
      (question): Asked => ({
        ...{ user: question.user, history: question.history, targets: Int32Array.of(question.target) },
        seen: Int32Array.from([...names.keys()].filter((column) => question.candidates[column] !== 1)),
        ...{ at: question.begins, state: states.get(`${question.userId} ${question.page}`)! },
      }),
    ),
  };
  return {
    ...{ split, questions, ids: names.map(({ id }) => id) },
    fresh: freshness(world, kind, questions, names),
    ceiling: ceilingRanks(
      truth,
      questions.map(({ userId, time, target, candidates }) => ({
        ...{ userId, time, target: names[target]! },
        candidates: names.filter((_, column) => candidates[column]),
      })),
    ),
  };
}

/** Whether the liked item had no event of anybody before the page, and whether it came after the cut. */
function freshness(world: World, kind: ItemKind, questions: Question[], names: { id: string }[]) {
  const first = new Map<string, number>();
  for (const { itemKind, itemId, occurredAt } of world.events)
    if (itemKind === kind && !first.has(itemId)) first.set(itemId, Date.parse(occurredAt));
  const made = new Map([...world.pictures, ...world.cards].map(({ id, at }) => [id, at]));
  return {
    noEvents: questions.map(({ target, begins }) => (first.get(names[target]!.id) ?? Infinity) >= begins),
    afterCut: questions.map(({ target }) => made.get(names[target]!.id)! >= CUT),
  };
}

async function recommendersOf({
  world,
  columns,
  kind,
  artifacts,
  weights,
  alone,
  readPictures,
  asked: { ids },
}: {
  world: World;
  columns: ItemColumns;
  kind: ItemKind;
  asked: Questions;
  artifacts: Awaited<ReturnType<typeof readTrained>>[];
  /** Pipelines alone, one a weight; null: everything. */
  weights: Weights | null;
  /** Artifacts alone, each a row. */
  alone: boolean;
  readPictures: ReadPictures;
}): Promise<[string, OfflineRecommender][]> {
  const shipped = await readShippedVectors(world.items);
  if (shipped === null) throw new Error('weights/world holds no vectors of this world');
  const vectors = new Map<number, Float32Array>();
  for (let n = 0; n < world.items.length; n++) {
    const vector = shipped.vectorOf(n);
    if (vector !== null) vectors.set(n + 1, vector);
  }
  const readContent = async (items: number[]) =>
    new Map(items.flatMap((item) => (vectors.has(item) ? [[item, vectors.get(item)!] as const] : [])));
  const content = { columns, readContent, readPictures };
  if (alone)
    return artifacts
      .filter((artifact) => artifact.kind === kind)
      .map((artifact) => [artifact.version, trainedRecommender(artifact, ids, content)]);
  const past = {
    ...{ kind, columns, space: 'clip', vectors: vectorsOf(columns, vectors), readVectors: readContent },
    from: Float64Array.from({ length: columns.size }, (_, ref) => columns.created[ref]! * 1000),
    graphOf: rememberedGraphs(),
  };
  const ofKind = artifacts.filter((artifact) => artifact.kind === kind);
  const sequence = firstOf(ofKind, 'sasrec');
  const trained = firstOf(ofKind, 'two-tower');
  const towers = trained && { artifact: trained, ...content };
  if (weights !== null)
    return [
      ...(sequence ? [['SASRec', trainedRecommender(sequence, ids)] as [string, OfflineRecommender]] : []),
      ['pipeline', pastPipeline({ ...past, towers })],
      ...weights.tower.map((tower): [string, OfflineRecommender] => [
        `pipeline, tower ${tower}`,
        pastPipeline({ ...past, towers, change: weighing({ tower }) }),
      ]),
      ...weights.sequence.map((weight): [string, OfflineRecommender] => [
        `pipeline with SASRec, sequence ${weight}`,
        pastPipeline({ ...past, towers, artifact: sequence, change: weighing({ sequence: weight }) }),
      ]),
    ];
  return [
    ['popularity', popularityBaseline],
    ['CLIP, mean', clipMean(vectors)],
    ['CLIP, a query an interest', clipPerInterest(vectors)],
    ['ItemKNN', itemKnnBaseline],
    ...(sequence ? [['SASRec', trainedRecommender(sequence, ids)] as const] : []),
    ...(trained ? [['two towers', trainedRecommender(trained, ids, content)] as const] : []),
    ['pipeline', pastPipeline({ ...past, towers })],
    ...(towers ? [['pipeline without towers', pastPipeline(past)] as const] : []),
    ...(sequence
      ? [['pipeline with SASRec', pastPipeline({ ...past, towers, artifact: sequence })] as const]
      : []),
  ].map(([name, made]) => [name, made] as [string, OfflineRecommender]);
}

const weighing = (weights: Pipeline['blend']['weights']) => (served: Pipeline) => ({
  ...served,
  blend: { ...served.blend, besideTowers: { ...served.blend.besideTowers, ...weights } },
});

async function ranksOf(recommender: OfflineRecommender, split: Split): Promise<number[]> {
  const prepared = await recommender.prepare(split, () => {});
  const scores = new Float64Array(split.training.items.length);
  const ranks: number[] = [];
  for (const { targets, ...question } of split.questions) {
    const asked = { ...question, k: 100, seed: SEED };
    if ('list' in prepared) ranks.push(rankInList(await prepared.list(asked), targets[0]!));
    else {
      await prepared.score(question.history, scores, asked);
      ranks.push(rankOfTarget(scores, targets[0]!, question.seen!));
    }
  }
  if ('list' in prepared) await prepared.close?.();
  return ranks;
}

function report(kind: ItemKind, { questions, fresh }: Questions, rows: Row[]) {
  const k = kind === 'image' ? 100 : 10;
  const everything = questions.map(() => true);
  const parts = {
    all: everything,
    'came after the cut': fresh.afterCut,
    'no events yet': fresh.noEvents,
  };
  return Object.fromEntries(
    Object.entries(parts).flatMap(([part, is]) => {
      const places = [...questions.keys()].filter((n) => is[n]);
      // A single like is no figure.
      if (places.length < 10) return [];
      const boot = overPeople(
        places.map((n) => questions[n]!.userId),
        SEED,
      );
      const of = (name: string, metric: (rank: number) => number) => {
        const { ranks } = rows.find((row) => row.name === name)!;
        return places.map((n) => metric(ranks[n]!));
      };
      const gain = (rank: number) => ndcg(rank, 10);
      const best = rows.some(({ name }) => name === 'pipeline') ? 'pipeline' : rows[0]!.name;
      const table = Object.fromEntries(
        rows.map(({ name }) => [
          name,
          {
            [`Recall@${k}`]: boot.mean(of(name, (rank) => hitRate(rank, k))),
            'NDCG@10': boot.mean(of(name, gain)),
            'of the ceiling': boot.share(of(name, gain), of('ceiling', gain)),
            [`${best} − this`]: boot.difference(of(best, gain), of(name, gain)),
          },
        ]),
      );
      print(`${kind}s, ${part}: ${places.length} likes`, table);
      return [[part, { likes: places.length, recommenders: table }]];
    }),
  );
}

type Table = Record<string, Record<string, { value: number; low: number; high: number }>>;

function print(title: string, table: Table): void {
  const metrics = Object.keys(Object.values(table)[0]!);
  console.log(`\n### ${title}\n\n| | ${metrics.join(' | ')} |\n| --- |${' --- |'.repeat(metrics.length)}`);
  const shown = (metric: string, { value, low, high }: Table[string][string]) =>
    metric === 'of the ceiling'
      ? `${(100 * value).toFixed(0)} % [${(100 * low).toFixed(0)}, ${(100 * high).toFixed(0)}]`
      : `${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`;
  for (const [name, figures] of Object.entries(table))
    console.log(`| ${name} | ${metrics.map((metric) => shown(metric, figures[metric]!)).join(' | ')} |`);
}

function weightsOf(options: string[], always: boolean): Weights | null {
  const [tower, sequence] = ['--tower', '--sequence'].map((name) => valuesOf(options, name).map(Number));
  return always || tower!.length + sequence!.length > 0 ? { tower: tower!, sequence: sequence! } : null;
}

function nameOf(alone: boolean, weights: Weights | null, parts: string[]): string {
  if (alone) return `world-vision-${parts.join('-')}`;
  return weights === null ? 'world-temporal' : 'world-sequence';
}

const valuesOf = (options: string[], name: string): string[] =>
  options.flatMap((option, n) => (option === name ? options.slice(n + 1, n + 2) : []));

if (import.meta.main) await main(process.argv.slice(2));
