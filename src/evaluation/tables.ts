import type { PairedDifference } from './paired.ts';
import type { EvaluationReport } from './report.ts';
import type { Figures } from './runner.ts';
import { SEGMENTS } from './segments.ts';

/** What a report says, as texts: the Markdown and the page print the same. */
export type Table = { title: string; note: string; head: string[]; rows: string[][] };
/** A value with its interval on a common scale. */
export type Bar = { name: string; value: number; interval: [number, number] };
export type Plot = { title: string; bars: Bar[] };

type Metric = `${'NDCG' | 'HR' | 'Recall' | 'MRR'}@${number}`;
type Measured = Pick<Figures, 'ci95'> & { [metric: Metric]: number };

export function introductionOf({ dataset, protocol, artifacts = [], machine }: EvaluationReport): string[] {
  const { name, k, seed, users, questions, tooShort, at, audited } = protocol;
  return [
    `${dataset.file} (sha256 ${dataset.sha256.slice(0, 12)}): ${dataset.users} users, ${dataset.items} items, ${dataset.interactions} interactions.`,
    `Protocol ${name}, lists of ${k}, seed ${seed}: ${questions} questions to ${users} users, ${tooShort} users could not be asked${at === undefined ? '' : `; learned before ${at}`}. The full catalogue is ranked, what was seen is left out, ties count against the model. Intervals are 95 % bootstrap over users.`,
    ...(audited === undefined
      ? []
      : [
          `${audited} lists of the pipeline were made again over a platform that ended then, and were the same.`,
        ]),
    ...artifacts.map(
      ({ kind, version, dataset: from }) => `${kind} ${version}, trained on ${from.slice(0, 12)}.`,
    ),
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}.`,
  ];
}

export function tablesOf(report: EvaluationReport): Table[] {
  const { k } = report.protocol;
  const all = Object.entries(report.recommenders);
  const metrics = (['NDCG', 'HR', 'Recall', 'MRR'] as const).map((metric): Metric => `${metric}@${k}`);
  const baseline = all.find(([, { against }]) => against)?.[1].against?.baseline ?? all[0]![0];
  return [
    {
      title: 'Accuracy',
      note: '',
      head: ['recommender', ...metrics],
      rows: all.map(([name, figures]) => [name, ...metrics.map((metric) => estimate(figures, metric))]),
    },
    {
      title: `Beside ${baseline}, in pairs`,
      note: 'The mean lead over users, its interval, and p of a paired bootstrap.',
      head: ['recommender', ...metrics],
      rows: all.flatMap(([name, { against }]) =>
        against ? [[name, ...metrics.map((metric) => lead(against[metric] as PairedDifference))]] : [],
      ),
    },
    ...seedsTable(report, metrics),
    {
      title: 'Beside accuracy',
      note: 'Novelty in bits; diversity is 1 − cosine within a list; Gini 0 shows everything alike.',
      head: ['recommender', 'coverage', 'novelty', 'diversity', 'Gini', 'seconds'],
      rows: all.map(([name, { coverage, novelty, diversity, gini, seconds }]) => [
        ...[name, coverage.toFixed(3), novelty.toFixed(2), diversity.toFixed(3), gini.toFixed(3)],
        seconds.toFixed(1),
      ]),
    },
    ...SEGMENTS.flatMap((segment) => segmentTable(segment, all, metrics)),
  ];
}

export function plotsOf({ protocol: { k }, recommenders }: EvaluationReport): Plot[] {
  const metric: Metric = `NDCG@${k}`;
  const all = Object.entries(recommenders);
  const bar = (name: string, figures: Measured): Bar => ({
    ...{ name, value: figures[metric]!, interval: figures.ci95[metric]! },
  });
  return [
    { title: metric, bars: all.map(([name, figures]) => bar(name, figures)) },
    ...SEGMENTS.map((segment) => ({
      title: `${metric}, ${segment}`,
      bars: all.flatMap(([name, { segments }]) => (segments[segment] ? [bar(name, segments[segment])] : [])),
    })),
  ].filter(({ bars }) => bars.length > 0);
}

function segmentTable(
  segment: (typeof SEGMENTS)[number],
  all: [string, Figures][],
  metrics: Metric[],
): Table[] {
  const there = all.flatMap(([name, { segments }]) =>
    segments[segment] ? [{ name, own: segments[segment] }] : [],
  );
  if (there.length === 0) return [];
  return [
    {
      title: segment[0]!.toUpperCase() + segment.slice(1),
      note: `${there[0]!.own.users} users.`,
      head: ['recommender', ...metrics],
      rows: there.map(({ name, own }) => [name, ...metrics.map((metric) => estimate(own, metric))]),
    },
  ];
}

function seedsTable({ seeds }: EvaluationReport, metrics: Metric[]): Table[] {
  if (seeds === undefined) return [];
  return [
    {
      title: 'Over seeds',
      note: 'Mean and standard deviation over the models of one kind.',
      head: ['recommender', 'models', ...metrics],
      rows: Object.entries(seeds).map(([kind, found]) => [
        ...[kind, String(found[metrics[0]!]!.models)],
        ...metrics.map((metric) => `${found[metric]!.mean.toFixed(4)} ± ${found[metric]!.sd.toFixed(4)}`),
      ]),
    },
  ];
}

const estimate = (figures: Measured, metric: Metric): string => {
  const [low, high] = figures.ci95[metric]!;
  return `${figures[metric]!.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`;
};

const lead = ({ mean, ci95: [low, high], p }: PairedDifference): string =>
  `${signed(mean)} [${signed(low)}, ${signed(high)}], p ${p < 0.001 ? '< .001' : p.toFixed(3)}`;

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
