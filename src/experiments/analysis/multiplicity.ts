/** Holm's (1979) adjusted p-values: the chance of any false finding stays below α. */
export function holm(ps: readonly number[]): number[] {
  const order = [...ps.keys()].sort((a, b) => ps[a]! - ps[b]!);
  const adjusted = new Array<number>(ps.length);
  let floor = 0;
  order.forEach((at, rank) => {
    floor = Math.max(floor, Math.min(1, (ps.length - rank) * ps[at]!));
    adjusted[at] = floor;
  });
  return adjusted;
}

/** Benjamini & Hochberg's (1995): the expected share of false findings among the findings stays below α. */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const order = [...ps.keys()].sort((a, b) => ps[b]! - ps[a]!);
  const adjusted = new Array<number>(ps.length);
  let ceiling = 1;
  order.forEach((at, fromLast) => {
    ceiling = Math.min(ceiling, (ps.length * ps[at]!) / (ps.length - fromLast));
    adjusted[at] = ceiling;
  });
  return adjusted;
}
