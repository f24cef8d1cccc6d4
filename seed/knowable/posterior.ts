import type { Draw } from '../draw.ts';
import { STYLE_NAMES, SUBJECT_NAMES } from '../grammar.ts';
import { driftGone, type Person } from '../people.ts';
import { chanceToLike, chanceToOpen, chanceToPutAway } from '../reactions.ts';
import { makeTaste, type Taste } from '../taste.ts';
import { anotherTaste } from './another-taste.ts';
import { interestIn, makes } from './chances.ts';
import type { Evidence } from './evidence.ts';
import { cellOf, type Tables, tablesOf } from './tables.ts';

/** What a chain believes for a moment: a taste, and for whoever changes the one after it and when. */
export type Belief = { before: Tables; after: Tables | null; around: number };

/** How much of the taste is the later one at a time (seed/people.ts). */
export const gone = (around: number, at: number): number => driftGone({ drift: { around } } as Person, at);

/** What was looked at, as numbers. */
type Row = {
  at: number;
  made: number;
  cells: number[];
  weights: number[];
  subject: number;
  clicked: boolean;
  liked: boolean;
  disliked: boolean;
  image: boolean;
};

export class Posterior {
  private readonly rows: Row[];
  private readonly evidence: Evidence;
  private readonly draw: Draw;

  constructor(evidence: Evidence, draw: Draw) {
    this.evidence = evidence;
    this.draw = draw;
    this.rows = evidence.seen.map(
      ({ at, made, kind, styles, palette, subject, clicked, liked, disliked }) => ({
        ...{ at, made, clicked, liked, disliked, image: kind === 'image' },
        cells: styles.map(({ style }) => cellOf(style, palette)),
        weights: styles.map(({ weight }) => weight),
        subject: subject === null ? -1 : SUBJECT_NAMES.indexOf(subject),
      }),
    );
  }

  fromPrior(changes: boolean): Belief {
    const { draw } = this;
    return {
      before: tablesOf(makeTaste(draw)),
      after: changes ? tablesOf(makeTaste(draw)) : null,
      around: draw.between(0.35, 0.75),
    };
  }

  /** Log-likelihood of everything that this person did. */
  fit({ before, after, around }: Belief): number {
    let [sum, product] = [0, 1];
    const liking = ({ cells, subjects }: Tables, row: Row) => {
      let value = 0;
      for (let n = 0; n < row.cells.length; n++) value += row.weights[n]! * cells[row.cells[n]!]!;
      return row.subject < 0 ? value : value * subjects[row.subject]!;
    };
    for (const row of this.rows) {
      let affinity = liking(before, row);
      if (after !== null) {
        const share = gone(around, row.at);
        affinity += share * (liking(after, row) - affinity);
      }
      affinity *= row.made;
      const click = chanceToOpen(affinity);
      const like = chanceToLike(affinity);
      product *= (row.clicked ? click : 1 - click) * (row.liked ? like : 1 - like);
      if (row.image && !row.liked) {
        const dislike = chanceToPutAway(affinity);
        product *= row.disliked ? Math.max(dislike, 1e-4) : 1 - dislike;
      }
      // A logarithm for all of these would be most of the time; a product of a few stays far from nought.
      if (product > 1e-200) continue;
      sum += Math.log(product);
      product = 1;
    }
    sum += Math.log(product);
    const acts = (at: number, of: (taste: Taste) => number) => {
      const share = after === null ? 0 : gone(around, at);
      return (1 - share) * of(before.taste) + (share > 0 ? share * of(after!.taste) : 0);
    };
    for (const { at, style, palette } of this.evidence.sought) {
      const own = acts(at, (taste) => interestIn(taste, style, palette));
      sum += Math.log(0.45 * own + (palette === null ? 0.1 / STYLE_NAMES.length : 1e-4));
    }
    for (const { at, style, palette, subject } of this.evidence.made)
      sum += Math.log(acts(at, (taste) => makes(taste, style, palette, subject)));
    return sum;
  }

  /** Metropolis: `steps` from `belief`; `see` gets what is believed after each. A temperature above 1 flattens. */
  walk(
    belief: Belief,
    steps: number,
    temperature: (step: number) => number,
    see: (belief: Belief) => void,
  ): Belief {
    const { draw } = this;
    let now = belief;
    let fit = this.fit(now);
    for (let step = 0; step < steps; step++) {
      const next = this.propose(now);
      const fits = this.fit(next);
      if (fits >= fit || draw.chance(Math.exp((fits - fit) / temperature(step)))) [now, fit] = [next, fits];
      see(now);
    }
    return now;
  }

  /** Each proposal is as likely as the one back, weighed by the prior. */
  private propose(belief: Belief): Belief {
    const { draw } = this;
    const another = ({ taste }: Tables) => tablesOf(anotherTaste(taste, draw));
    if (belief.after === null) return { ...belief, before: another(belief.before) };
    const which = draw.between(0, 1);
    if (which < 0.1) return { ...belief, around: draw.between(0.35, 0.75) };
    if (which < 0.15) return { ...belief, before: belief.after, after: belief.before };
    if (which < 0.55) return { ...belief, before: another(belief.before) };
    return { ...belief, after: another(belief.after) };
  }
}
