import t from 'tap';
import { checkHarness } from '../../../src/experiments/index.ts';

// The whole check is a command (npx hamlet experiment check --aa 1000); here with a fiftieth of the runs.
const found = checkHarness({ runs: 20, seed: 20 });

for (const { claim, allowed, found: count, holds } of found.claims)
  t.test(`${claim}: ${allowed}`, async (t) => {
    t.ok(holds, String(count));
  });

t.test('naive peeking finds what is not there more often than one look', async (t) => {
  for (const { naiveFalsePositives, fixedFalsePositives } of [found.aa, found.aaDirect])
    t.ok(naiveFalsePositives > fixedFalsePositives, String(naiveFalsePositives));
});
