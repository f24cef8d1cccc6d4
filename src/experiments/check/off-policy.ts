import { type Drawable, drawPositions, type Random, seededRandom } from '../../recommend/index.ts';
import { type PositionChances, positionChances } from '../off-policy/chances.ts';
import { estimateTarget, type OffPolicyReport, type Weighed } from '../off-policy/estimate.ts';
import { holds } from './effects.ts';
import { normal } from './random.ts';

const ITEMS = 12;
const DEPTH = 6;
const CONTEXTS = 40;
const LISTS_A_PERSON = 2;
const ATTENTION = 0.8;
const TEMPERATURE = { logged: 1, target: 0.5 };
const DRAWS = 1000;
const NAMES = ['ips', 'snips', 'doublyRobust', 'examinationIps'] as const;
type Name = (typeof NAMES)[number];

export type OffPolicyCheck = {
  runs: number;
  people: number;
  /** Clicks a page that the target gets, from its own lists. */
  truth: number;
  /** Under the policy that drew the lists. */
  logged: number;
  covered: Record<Name, number>;
  meanWidth: Record<Name, number>;
  meanEffectiveLists: number;
  lists: number;
};
type Situation = { list: Drawable; liking: Float64Array; drawn: PositionChances; wanted: PositionChances };

/** Intervals from lists that one policy drew, against what a sharper one really gets. */
export function offPolicyCheck(
  people: number,
  runs: number,
  seed: number,
  progress: (fraction: number) => void,
): OffPolicyCheck {
  const random = seededRandom(seed);
  const situations = Array.from({ length: CONTEXTS }, (_, n) => situation(random, seed + n));
  const truth = meanClicks(situations, ({ wanted }) => wanted);
  const covered = zero();
  const width = zero();
  let effective = 0;
  for (let run = 0; run < runs; run++) {
    const found = oneRun(situations, people, random);
    for (const name of NAMES) {
      covered[name] += Number(holds(found[name].interval, truth));
      width[name] += (found[name].interval[1] - found[name].interval[0]) / runs;
    }
    effective += found.effectiveLists / runs;
    progress((run + 1) / runs);
  }
  return {
    ...{
      runs,
      people,
      truth,
      logged: meanClicks(situations, ({ drawn }) => drawn),
      covered,
      meanWidth: width,
    },
    ...{ meanEffectiveLists: effective, lists: people * LISTS_A_PERSON },
  };
}

const zero = (): Record<Name, number> => ({ ips: 0, snips: 0, doublyRobust: 0, examinationIps: 0 });

function situation(random: Random, seed: number): Situation {
  const scores = Array.from({ length: ITEMS }, () => normal(random));
  const liking = Float64Array.from(scores, (score) => 0.5 / (1 + Math.exp(1 - score - 0.7 * normal(random))));
  const list: Drawable = {
    ...{ scores, creators: scores.map(() => 0), fixed: new Set<number>(), top: ITEMS },
    temperature: TEMPERATURE.logged,
  };
  const drawn = positionChances(list, DEPTH, DRAWS, seed);
  const wanted = positionChances({ ...list, temperature: TEMPERATURE.target }, DEPTH, DRAWS, seed + 1);
  return { list, liking, drawn, wanted };
}

const meanClicks = (situations: Situation[], under: (one: Situation) => PositionChances): number =>
  situations.reduce((sum, one) => {
    const chances = under(one);
    return (
      sum +
      chances.reduce(
        (all, chance, pair) => all + chance * clickChance(one, Math.floor(pair / DEPTH), pair % DEPTH),
        0,
      )
    );
  }, 0) / situations.length;

const clickChance = ({ liking }: Situation, place: number, position: number): number =>
  liking[place]! * ATTENTION ** position;

function oneRun(situations: Situation[], people: number, random: Random): OffPolicyReport {
  const lists: Weighed[] = [];
  for (let person = 0; person < people; person++)
    for (let n = 0; n < LISTS_A_PERSON; n++)
      lists.push(shownTo(`person-${person}`, situations[Math.floor(random.next() * CONTEXTS)]!, random));
  return estimateTarget(lists, DEPTH);
}

/** The list as it comes out of the draw, everything in the order shown. */
function shownTo(person: string, one: Situation, random: Random): Weighed {
  const order: number[] = [];
  drawPositions(one.list, ITEMS, random, (_, { within }, chosen) => order.push(within[chosen]!));
  const reordered = (chances: PositionChances) => {
    const rows = new Float64Array(chances.length);
    order.forEach((place, at) => {
      rows.set(chances.subarray(place * DEPTH, (place + 1) * DEPTH), at * DEPTH);
    });
    return rows;
  };
  const list = { ...one.list, scores: order.map((place) => one.list.scores[place]!) };
  const clicks = order.map((place, position) => random.next() < clickChance(one, place, position));
  return {
    logged: { person, list, served: DEPTH, clicks, sources: [] },
    ...{ drawn: reordered(one.drawn), wanted: reordered(one.wanted) },
  };
}
