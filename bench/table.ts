import { resultsOf } from './machine.ts';

/** A promised figure: bench/results/FILE.json, where in it, what it is, its unit, what it must reach and aims at. */
type Figure = [file: string, path: string, name: string, unit: string, must?: string, aim?: string];

const SERVE: Figure[] = [
  ['serve', 'sixteen.requestsPerSecond', 'lists, 16 connections', '/s', '≥ 1000', '≥ 2000'],
  ['serve', 'sixteen.p99', 'lists, 16 connections: p99', 'ms', '≤ 50', '≤ 25'],
  ['serve', 'one.p50', 'lists, 1 connection: p50', 'ms', '≤ 4'],
  ['serve', 'ratio', 'lists ÷ trivial route, 16 connections', ''],
  ['serve', 'memory.peak', 'api memory with ML-1M loaded', 'MB', '≤ 600'],
];
const INGEST: Figure[] = [
  ['events', 'batchesOf500.callers1', 'events in batches of 500, one caller', '/s', '≥ 5000', '≥ 10000'],
  ['imports', 'ml1m.seconds', 'import of ML-1M', 's', '≤ 60'],
  ['imports', 'ml1m.aboveEmptyMB', 'import of ML-1M: above an empty start', 'MB', '≤ 400'],
  ['imports', 'threeTimes.aboveEmptyMB', 'import of three times as much', 'MB', '≤ 400'],
];
const WORLD: Figure[] = [
  ['seed', 'seconds', 'demo world into an empty database', 's', '≤ 60'],
  ['first-start', 'totalSeconds', 'npm ci, start, first list, its pictures', 's', '≤ 180'],
  ['first-start', 'firstPicturesMs', 'first list: its twenty pictures', 'ms', '≤ 1000'],
  ['first-start', 'listWhileDrawingMs.p99', 'lists while pictures are drawn: p99', 'ms'],
];
const EMBED: Figure[] = [
  ['embed', 'apiPerSecond.whole', 'pictures to vectors, api', '/s'],
  ['embed', 'sidecar.network', 'pixels to vectors, sidecar', '/s'],
  ['embed', 'requestThreadHeldUpMs.networkInItsOwnThread.p99', 'request thread held up meanwhile: p99', 'ms'],
];
const QUALITY: Figure[] = [
  ['evaluate-ml-1m', 'recommenders.pipeline.NDCG@10', 'pipeline on ML-1M: NDCG@10', '', '≥ 0.12', '≥ 0.13'],
];
const SEQUENCES = [
  { data: 'ml-1m', must: '≥ 0.184', aim: '≥ 0.198' },
  { data: 'beauty-s3', must: '≥ 0.053', aim: '≥ 0.058' },
].map(({ data, must, aim }): Figure => {
  return [`sasrec-${data}`, 'test.NDCG@10.mean', `SASRec on ${data}: NDCG@10, mean of seeds`, '', must, aim];
});
const REASONS: Figure[] = [
  ['reasons', 'passedShare', 'reasons that hold when checked anew', '', '≥ 0.95'],
  ['reasons', 'fallsShare', 'scores that fall without their evidence', '', '≥ 0.9'],
  ['reasons', 'addedMs', 're-ranking: added to a list, p50', 'ms', '≤ 2'],
];
const EXPERIMENTS: Figure[] = [
  ['experiments', 'assignmentMicroseconds', 'assignment to a variant', 'µs', '≤ 5'],
  ['experiments', 'exposure.added', 'exposure: added to a list, p50', 'ms', '≤ 0.5'],
  ['experiments', 'report.seconds', 'report over 10 million exposures', 's', '≤ 60'],
  ['experiments', 'report.grewMB', 'report: memory beside PostgreSQL’s', 'MB'],
];
const SAFETY: Figure[] = [
  ['safety', 'flips.unsafe', 'unsafe items in 10,000 requests', '', '≤ 0'],
  ['safety', 'backfill.ratio', 'lists while pictures are classified: p99 ×', '', '≤ 1.5'],
  ['safety', 'backfill.memoryMB.network', 'memory of the classifier’s process', 'MB', '≤ 500'],
  ['safety', 'backfill.memoryMB.networksAfter', 'its processes when nobody asks', '', '≤ 0'],
  ['safety', 'backfill.classify.picturesPerSecond', '`hamlet classify`', '/s', '≥ 15'],
  ['safety-check', 'combined.bySet.world.falseAlarmRate', 'false alarms, the world, combined', '', '≤ 0.01'],
  ['safety-check', 'combined.falseAlarmRate', 'false alarms, three sets, combined', '', '≤ 0.01'],
];
const SPACES: Figure[] = [
  ['w2w-scale', 'seconds', 'space of 5,000 LoRAs × 99,648 numbers', 's', '≤ 300'],
  ['w2w-scale', 'peakMB', 'memory for it', 'MB', '≤ 4000'],
];
const VECTORS = ['embedded', 'qdrant'].flatMap((backend) =>
  [
    { row: 'half', filter: '50 %', p50: '≤ 1' },
    { row: 'fifth', filter: '20 %', p50: '≤ 1' },
    { row: 'fiftieth', filter: '2 %', p50: '≤ 3' },
  ].flatMap(({ row, filter, p50 }): Figure[] => {
    const [file, at] = [`vectors-${backend}`, `clustered.rows.${row}`];
    const name = `vectors, ${backend}, filter of ${filter}`;
    return [
      // Promised of the embedded index; Qdrant's own time depends on the server.
      [file, `${at}.p50`, `${name}: p50`, 'ms', backend === 'embedded' ? p50 : undefined],
      [file, `${at}.recall`, `${name}: recall`, '', '≥ 0.98', '≥ 0.99'],
    ];
  }),
);

/** One line a promised figure, as last measured. */
export async function printTable(): Promise<void> {
  console.log(`\n${'figure'.padEnd(44)}${'measured'.padStart(12)}   must     aim      measured on`);
  for (const figure of [
    ...SERVE,
    ...INGEST,
    ...WORLD,
    ...EMBED,
    ...QUALITY,
    ...SEQUENCES,
    ...REASONS,
    ...EXPERIMENTS,
    ...SAFETY,
    ...SPACES,
    ...VECTORS,
  ])
    console.log(lineOf(figure, await resultsOf(figure[0])));
}

function lineOf([, path, name, unit, must = '', aim = '']: Figure, results: unknown): string {
  const at = (part: unknown, key: string) => (part as Record<string, unknown> | undefined)?.[key];
  const value = path.split('.').reduce(at, results);
  const shown = typeof value === 'number' ? `${Number(value.toPrecision(4))} ${unit}` : 'none';
  const holds = must === '' || typeof value !== 'number' || reaches(value, must);
  const bounds = `${must.padEnd(9)}${aim.padEnd(9)}`;
  return `${name.padEnd(44)}${shown.padStart(12)}   ${bounds}${at(results, 'measured') ?? ''}${holds ? '' : '  NOT REACHED'}`;
}

function reaches(value: number, bound: string): boolean {
  const limit = Number(bound.slice(2));
  return bound.startsWith('≥') ? value >= limit : value <= limit;
}

if (import.meta.main) await printTable();
