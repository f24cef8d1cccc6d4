/** A seeded generator (mulberry32): small state, good enough for draws that a log must be able to repeat. */
export type Random = { readonly seed: number; next(): number };

/** @param seed any 32-bit unsigned integer; the same seed repeats the same draws. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    seed: seed >>> 0,
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
  };
}

/** A copy in an order drawn uniformly (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const mixed = [...values];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
  }
  return mixed;
}
