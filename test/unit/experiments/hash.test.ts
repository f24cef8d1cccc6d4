import { GrowthBook } from '@growthbook/growthbook';
import fc from 'fast-check';
import t from 'tap';
import { bucketOf, bucketRanges, rangeOf } from '../../../src/experiments/hash.ts';

t.test('buckets are those of GrowthBook’s published vectors for hash version 2', async (t) => {
  const published: [seed: string, value: string, bucket: number][] = [
    ['seed', 'a', 0.0505],
    ['seed', 'b', 0.2696],
    ['foo', 'ab', 0.2575],
    ['foo', 'def', 0.2019],
    ['89123klj', '8952klfjas09ujkasdf', 0.124],
    ['90850943850283058242805', '123', 0.7516],
    ['()**(%$##$%#$#', '___)((*":&', 0.0128],
  ];
  for (const [seed, value, bucket] of published) t.equal(bucketOf(seed, value), bucket);
});

t.test('ranges are those of GrowthBook’s published vectors', async (t) => {
  const near = (ranges: readonly (readonly [number, number])[]) =>
    ranges.map((range) => range.map((edge) => Math.round(edge * 1e9) / 1e9));
  t.same(near(bucketRanges([0.5, 0.5], 0.5)), [
    [0, 0.25],
    [0.5, 0.75],
  ]);
  t.same(near(bucketRanges([0.4, 0.6], 1)), [
    [0, 0.4],
    [0.4, 1],
  ]);
  t.same(near(bucketRanges([0.2, 0.3, 0.5], 0.2)), [
    [0, 0.04],
    [0.2, 0.26],
    [0.5, 0.6],
  ]);
});

t.test('GrowthBook’s own SDK puts every person into the same variant', async (t) => {
  const weights = [0.2, 0.3, 0.5];
  const coverage = 0.7;
  const ranges = bucketRanges(weights, coverage);
  const wrong = Array.from({ length: 500 }, (_, n) => `person-${n}-é-🎨`).filter((id) => {
    const sdk = new GrowthBook({ attributes: { id } });
    const experiment = {
      key: 'more-diverse',
      variations: [0, 1, 2] as [number, number, number],
      hashVersion: 2 as const,
    };
    const result = sdk.run({ ...experiment, seed: 'more-diverse', weights, coverage });
    sdk.destroy();
    return (result.inExperiment ? result.variationId : -1) !== rangeOf(bucketOf('more-diverse', id), ranges);
  });
  t.same(wrong, []);
});

t.test('raising coverage moves nobody', async () => {
  fc.assert(
    fc.property(fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (id, share) => {
      const before = rangeOf(bucketOf('key', id), bucketRanges([0.3, 0.7], share * 0.5));
      const after = rangeOf(bucketOf('key', id), bucketRanges([0.3, 0.7], share));
      return before === -1 || before === after;
    }),
  );
});

t.test('an assignment takes at most 5 µs', async (t) => {
  const ranges = bucketRanges([0.5, 0.5], 1);
  const rounds = 200_000;
  let sum = 0;
  const started = performance.now();
  for (let n = 0; n < rounds; n++) sum += rangeOf(bucketOf('more-diverse', `user-${n}`), ranges);
  const microseconds = ((performance.now() - started) * 1000) / rounds;
  t.ok(microseconds < 5, `${microseconds.toFixed(2)} µs`);
  t.ok(Math.abs(sum / rounds - 0.5) < 0.005, 'and halves are halves');
});
