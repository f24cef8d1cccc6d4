import { craftOf } from '../seed/affinity.ts';
import { ceilingRanks } from '../seed/ceiling.ts';
import { drawFrom, seedFrom } from '../seed/draw.ts';
import { SUBJECT_NAMES } from '../seed/grammar.ts';
import { craftsOf } from '../seed/knowable/craft.ts';
import { evidenceOf, knownBefore } from '../seed/knowable/evidence.ts';
import { type Belief, gone, Posterior } from '../seed/knowable/posterior.ts';
import { cellOf, tablesOf } from '../seed/knowable/tables.ts';
import { worldSize } from '../seed/sizes.ts';
import { openTruth, truthOf } from '../seed/truth.ts';
import { makeWorld, partOfYear } from '../seed/world.ts';
import { ndcg } from '../src/evaluation/metrics.ts';
import { writeResults } from './machine.ts';
import { overPeople } from './paired-ratio.ts';
import { otherPeople } from './world-others.ts';
import { type Question, temporalSplit } from './world-questions.ts';

/**
 * What can be known of the demo world's tastes at most: whoever knew how tastes are made and how people react, and what each
 * picture is, and drew from the posterior of a person's taste given all that they had done before. `node bench/world-knowable.ts
 * [--people SEED] [--steps N]`: share of the ceiling's NDCG@10 for the questions of bench/world-temporal.ts.
 */
const options = process.argv.slice(2);
const option = (name: string) =>
  options.includes(name) ? Number(options[options.indexOf(name) + 1]) : undefined;
const STEPS = option('--steps') ?? 3000;
const EACH = 10;
const people = option('--people');
const own = makeWorld(worldSize('full', 1));
const world = people === undefined ? own : otherPeople(own, people);
const truth = openTruth(truthOf(world));
const evidence = evidenceOf(world);
const personOf = new Map(world.people.map((person) => [person.id, person]));

const cells = world.pictures.map(({ recipe }) => cellOf(recipe.style, recipe.palette));
const subjects = world.pictures.map(({ recipe }) => SUBJECT_NAMES.indexOf(recipe.subject));

/** Mean liking of every picture for a person at a time, over what is believed, craft left out. */
function likings(beliefs: Belief[], at: number): Float64Array {
  const sums = new Float64Array(world.pictures.length);
  for (const { before, after, around } of beliefs) {
    const share = after === null ? 0 : gone(around, at);
    for (let n = 0; n < sums.length; n++) {
      const was = before.cells[cells[n]!]! * before.subjects[subjects[n]!]!;
      const is = after === null ? was : after.cells[cells[n]!]! * after.subjects[subjects[n]!]!;
      sums[n]! += was + share * (is - was);
    }
  }
  return sums;
}

const { questions } = temporalSplit(world, truth, 'image', 0.75);
const places = [...questions.keys()];
const ceiling = ceilingRanks(
  truth,
  questions.map(({ userId, time, target, candidates }) => ({
    ...{ userId, time, target: { kind: 'image' as const, id: world.pictures[target]!.id } },
    candidates: world.pictures
      .filter((_, c) => candidates[c])
      .map(({ id }) => ({ kind: 'image' as const, id })),
  })),
);
/** Where a chain begins, and what it knows of how well each picture is made. */
const crafts = new Map(world.pictures.map(({ id, craft }) => [id, craft]));
const told = craftsOf(evidence, crafts, truth);
const known = world.pictures.map(({ craft }) => craftOf(craft));
const OBSERVERS = [
  { name: 'taste from the log', planted: false, craft: 'unknown' },
  { name: 'taste from the log, craft from everybody’s reactions', planted: false, craft: 'told' },
  { name: 'begun at the planted taste, craft from everybody’s reactions', planted: true, craft: 'told' },
  { name: 'begun at the planted taste, craft known', planted: true, craft: 'known' },
] as const;
const lot = drawFrom(seedFrom('equals'));
const ranks = OBSERVERS.map(() => new Int32Array(questions.length));
const pages = Map.groupBy(places, (n) => `${questions[n]!.userId} ${questions[n]!.page}`);
let [done, stuck] = [0, 0];
for (const asked of pages.values()) {
  const { userId, begins } = questions[asked[0]!]!;
  const at = partOfYear(begins);
  const posterior = new Posterior(knownBefore(evidence.get(userId)!, at), drawFrom(1000 * asked[0]!));
  const { taste, drift } = personOf.get(userId)!;
  const truly = {
    before: tablesOf(taste),
    after: drift && tablesOf(drift.taste),
    around: drift?.around ?? 0.5,
  };
  const annealed = sampled(posterior, posterior.fromPrior(drift !== null), (step) =>
    Math.max(1, 12 - (25 * step) / STEPS),
  );
  const beliefs = { false: annealed, true: sampled(posterior, truly, () => 1) };
  if (meanFit(posterior, annealed) < posterior.fit(truly) - 6) stuck++;
  const factors = { unknown: null, told: world.pictures.map(({ id }) => told(id, at)), known };
  const liked = { true: likings(beliefs.true, at), false: likings(beliefs.false, at) };
  for (const [n, { planted, craft }] of OBSERVERS.entries()) {
    const scores = liked[`${planted}`].map((liking, c) => liking * (factors[craft]?.[c] ?? 1));
    for (const question of asked) ranks[n]![question] = rankOf(scores, questions[question]!);
  }
  if (++done % 50 === 0) console.error(`${done} of ${pages.size} pages, ${stuck} chains stuck`);
}

/** What a chain believes in its second half, every EACH steps. */
function sampled(posterior: Posterior, start: Belief, temperature: (step: number) => number): Belief[] {
  const beliefs: Belief[] = [];
  let step = 0;
  posterior.walk(start, STEPS, temperature, (belief) => {
    if (step++ >= STEPS / 2 && step % EACH === 0) beliefs.push(belief);
  });
  return beliefs;
}

function meanFit(posterior: Posterior, beliefs: Belief[]): number {
  const last = beliefs.slice(-50);
  return last.reduce((sum, belief) => sum + posterior.fit(belief), 0) / last.length;
}

/** Its place among what could be shown; of equals, which are many where craft is unknown, by lot. */
function rankOf(scores: Float64Array, { target, candidates }: Question): number {
  let [above, equal] = [0, 0];
  for (let n = 0; n < scores.length; n++) {
    if (!candidates[n]) continue;
    if (scores[n]! > scores[target]!) above++;
    else if (scores[n] === scores[target]) equal++;
  }
  return above + lot.whole(1, equal);
}

const boot = overPeople(
  questions.map(({ userId }) => userId),
  1,
);
const gains = (ranks: Int32Array, k = 10) => Float64Array.from(ranks, (rank) => ndcg(rank, k));
const results = Object.fromEntries(
  [...OBSERVERS.map(({ name }, n) => [name, ranks[n]!] as const), ['ceiling', ceiling] as const].map(
    ([name, ranks]) => [
      name,
      {
        'NDCG@10': boot.mean(gains(ranks)),
        'of the ceiling': boot.share(gains(ranks), gains(ceiling)),
        'NDCG@100 of the ceiling': boot.share(gains(ranks, 100), gains(ceiling, 100)),
      },
    ],
  ),
);
console.log(JSON.stringify({ people, likes: questions.length, results }, null, 1));
if (people === undefined)
  await writeResults('world-knowable', {
    likes: questions.length,
    steps: STEPS,
    stuck,
    pages: pages.size,
    results,
  });
