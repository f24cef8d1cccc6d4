import { type Random, type RankedList, seededRandom, teamDraft } from '../../recommend/index.ts';
import { ratio } from '../analysis/estimate.ts';
import { type Moments, merge, momentsOf, NOBODY } from '../analysis/moments.ts';
import { normal } from './random.ts';

export type InterleavingCheck = {
  runs: number;
  people: number;
  /** Runs in which the planted better ranker was preferred. */
  right: number;
  /** The same people, half of them on each ranker, more clicks on the better one's lists. */
  rightByAb: number;
  /** People an A/B test needs for each that interleaving needs, and its 95 % bootstrap interval over runs. */
  peopleRatio: number;
  interval: [number, number];
};

const ITEMS = 40;
const SHOWN = 10;
const ATTENTION = 0.88;
/** How wrong a ranker is about what a person likes, in deviations of the liking. */
const NOISE = { better: 0.8, worse: 1.2 };

/**
 * Two rankers that differ in how well they know people, by interleaved lists and by an A/B test, with the
 * same people, items and clicks (position bias, then taste).
 */
export function interleavingCheck(
  people: number,
  runs: number,
  seed: number,
  progress: (fraction: number) => void,
): InterleavingCheck {
  const random = seededRandom(seed);
  const parts = Array.from({ length: runs }, (_, run) => {
    progress((run + 1) / runs);
    return oneRun(people, random);
  });
  const ratios = bootstrap(parts, random).sort();
  return {
    ...{ runs, people },
    right: parts.filter(({ gains }) => gains.y > 0).length,
    rightByAb: parts.filter(({ better, worse }) => better.y > worse.y).length,
    peopleRatio: ratioOf(parts),
    interval: [ratios[Math.floor(0.025 * ratios.length)]!, ratios[Math.ceil(0.975 * ratios.length) - 1]!],
  };
}

type Run = { gains: Moments; better: Moments; worse: Moments };

function oneRun(people: number, random: Random): Run {
  const gains = new Float64Array(people);
  const clicks = { better: [] as number[], worse: [] as number[] };
  for (let person = 0; person < people; person++) {
    const liking = Float64Array.from({ length: ITEMS }, () => normal(random));
    const better = rank(liking, NOISE.better, random);
    const worse = rank(liking, NOISE.worse, random);
    const mixed = teamDraft([worse, better], SHOWN, random);
    mixed.items.forEach(({ item }, position) => {
      if (isClicked(liking, item, position, random)) gains[person]! += mixed.teams![position] === 1 ? 1 : -1;
    });
    const [name, list] = person % 2 ? (['better', better] as const) : (['worse', worse] as const);
    const shown = list.items.slice(0, SHOWN);
    clicks[name].push(shown.filter(({ item }, position) => isClicked(liking, item, position, random)).length);
  }
  const counted = (values: ArrayLike<number>) => {
    const ones = new Float64Array(values.length).fill(1);
    return momentsOf(values, ones, ones);
  };
  return { gains: counted(gains), better: counted(clicks.better), worse: counted(clicks.worse) };
}

function rank(liking: Float64Array, noise: number, random: Random): RankedList {
  const guesses = liking.map((value) => value + noise * normal(random));
  const order = [...liking.keys()].sort((a, b) => guesses[b]! - guesses[a]!);
  const items = order.map((item) => ({
    ...{ item, sources: [], features: {}, score: guesses[item]!, because: 0, propensity: 1 },
  }));
  const trace = { pipeline: '', configDigest: '', versions: {}, stages: [], degraded: [], seed: 0, ms: 0 };
  return { items, draw: null, trace };
}

const isClicked = (liking: Float64Array, item: number, position: number, random: Random): boolean =>
  random.next() < ATTENTION ** position / (1 + Math.exp(2 - liking[item]!));

/** (z·σ/δ)² people are needed either way; at even halves an A/B test's σ² is 2 (σ₁² + σ₂²). */
function ratioOf(parts: Run[]): number {
  const total = (name: keyof Run) => ratio(parts.reduce((sum, part) => merge(sum, part[name]), NOBODY));
  const [gains, better, worse] = [total('gains'), total('better'), total('worse')];
  const byAb = (2 * (better.variance + worse.variance)) / (better.value - worse.value) ** 2;
  return byAb / (gains.variance / gains.value ** 2);
}

function bootstrap(parts: Run[], random: Random): Float64Array {
  return Float64Array.from({ length: 1000 }, () =>
    ratioOf(parts.map(() => parts[Math.floor(random.next() * parts.length)]!)),
  );
}
