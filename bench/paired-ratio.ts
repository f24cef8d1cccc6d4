import { seededRandom } from '../src/recommend/index.ts';

const RESAMPLES = 2000;
export type Interval = { value: number; low: number; high: number };

/**
 * Bootstrap over people (Efron 1979): likes of one person are alike, so people are drawn, and all they liked with them.
 * The same draws for every column, so that differences and shares are paired.
 */
export function overPeople(people: readonly string[], seed: number) {
  const places = [...Map.groupBy(people.keys(), (n) => people[n]!).values()];
  const random = seededRandom(seed);
  const draws = Array.from({ length: RESAMPLES }, () =>
    Int32Array.from(places, () => Math.floor(random.next() * places.length)),
  );
  const byPerson = (values: ArrayLike<number>) =>
    Float64Array.from(places, (own) => own.reduce((sum, n) => sum + values[n]!, 0));
  const sizes = Float64Array.from(places, ({ length }) => length);
  const total = (sums: Float64Array, drawn: Int32Array) => {
    let sum = 0;
    for (const person of drawn) sum += sums[person]!;
    return sum;
  };
  const everybody = Int32Array.from(places, (_, person) => person);
  const interval = (of: (drawn: Int32Array) => number): Interval => {
    // A share of nothing is no share: few likes, none of them in the ceiling's ten.
    const sorted = Float64Array.from(draws, of)
      .map((one) => (Number.isNaN(one) ? 0 : one))
      .sort();
    return {
      value: of(everybody),
      low: sorted[Math.floor(RESAMPLES * 0.025)]!,
      high: sorted[Math.ceil(RESAMPLES * 0.975) - 1]!,
    };
  };
  const mean = (values: ArrayLike<number>): Interval => {
    const sums = byPerson(values);
    return interval((drawn) => total(sums, drawn) / total(sizes, drawn));
  };
  return {
    mean,
    difference: (a: ArrayLike<number>, b: ArrayLike<number>) =>
      mean(Float64Array.from(a, (value, n) => value - b[n]!)),
    /** Share of b's total that a has. */
    share(a: ArrayLike<number>, b: ArrayLike<number>): Interval {
      const [ofA, ofB] = [byPerson(a), byPerson(b)];
      return interval((drawn) => total(ofA, drawn) / total(ofB, drawn));
    },
  };
}
