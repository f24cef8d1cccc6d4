import type { Draw } from './draw.ts';
import type { Person } from './people.ts';

/** What the platform of the world can show: a picture or a model card. */
export type Shown = { id: string; creator: Person; at: number; appeal: number; level: number | undefined };

/** Days until something new is let onto pages; what came in the last days has no events yet. */
const REVIEW = 3 / 365;
const NIGHT = 1 / 365;
const NEW_FOR = 30 / 365;
/** The rich get richer, less than in proportion. */
const RICHER = 0.3;

/**
 * The platform before Hamlet. Its front page and its search results are in the order of habit: what had
 * eyes on it yesterday gets them today (exposure bias). It counts views at once and reorders at night.
 */
export class Gallery<T extends Shown> {
  readonly #things: T[];
  readonly #views: Float64Array;
  readonly #weights: Float64Array;
  readonly #sums: Float64Array;
  readonly #byTopic = new Map<string, number[]>();
  readonly #indexOf: Map<T, number>;
  #there = 0;
  #night = Number.NEGATIVE_INFINITY;

  /** @param topicsOf what a thing is found by */
  constructor(things: readonly T[], topicsOf: (thing: T) => string[]) {
    this.#things = [...things].sort((a, b) => a.at - b.at);
    this.#indexOf = new Map(this.#things.map((thing, index) => [thing, index]));
    this.#views = new Float64Array(things.length);
    this.#weights = new Float64Array(things.length);
    this.#sums = new Float64Array(things.length);
    for (const [index, thing] of this.#things.entries())
      for (const topic of topicsOf(thing))
        this.#byTopic.set(topic, [...(this.#byTopic.get(topic) ?? []), index]);
  }

  viewed(thing: T): void {
    this.#views[this.#indexOf.get(thing)!]! += 1;
  }

  /** In the order of habit, over everything. */
  front(count: number, person: Person, at: number, draw: Draw): T[] {
    this.#passTime(at);
    const total = this.#there === 0 ? 0 : this.#sums[this.#there - 1]!;
    return this.#pages(count, person, () => (total > 0 ? this.#find(draw.between(0, total)) : undefined));
  }

  /** In the order of habit, among what the words find. */
  search(topic: string, count: number, person: Person, at: number, draw: Draw): T[] {
    this.#passTime(at);
    const found = (this.#byTopic.get(topic) ?? []).filter((index) => index < this.#there);
    const weights = found.map((index) => this.#weights[index]!);
    return this.#pages(Math.min(count, found.length), person, () => found[draw.weighted(weights)]);
  }

  /** Everything that is there is equally likely. */
  uniform(count: number, person: Person, at: number, draw: Draw): T[] {
    this.#passTime(at);
    return this.#pages(count, person, () => (this.#there > 0 ? draw.whole(0, this.#there - 1) : undefined));
  }

  #pages(count: number, person: Person, next: () => number | undefined): T[] {
    const page = new Set<T>();
    for (let tries = 0; page.size < count && tries < count * 20; tries++) {
      const thing = this.#things[next() ?? -1];
      if (thing !== undefined && isFor(thing, person)) page.add(thing);
    }
    return [...page];
  }

  /** The first place at which the running sum of weights exceeds `mark`. */
  #find(mark: number): number {
    let [low, high] = [0, this.#there - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sums[middle]! > mark) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #passTime(at: number): void {
    if (at - this.#night < NIGHT) return;
    this.#night = at;
    const things = this.#things;
    while (this.#there < things.length && things[this.#there]!.at < at - REVIEW) this.#there++;
    let sum = 0;
    for (let i = 0; i < this.#there; i++) {
      const { appeal, at: made } = things[i]!;
      const novelty = 1 + 2 * Math.exp(-(at - made) / NEW_FOR);
      const weight = appeal * novelty * (1 + this.#views[i]!) ** RICHER;
      this.#weights[i] = weight;
      sum += weight;
      this.#sums[i] = sum;
    }
  }
}

/** Unrated and blocked things are on no page; neither is one's own work. */
const isFor = ({ creator, level = 32 }: Shown, person: Person): boolean =>
  creator !== person && level <= person.browses;
