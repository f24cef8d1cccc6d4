import t from 'tap';
import { checkWorld } from '../../scripts/world-check.ts';

t.setTimeout(600_000);

t.test('the shipped weights do on pictures they have not seen what they are said to do', async (t) => {
  const told: number[] = [];
  const heldOut = { count: 96, size: 96, seed: 1, split: 'heldout' as const };
  const figures = await checkWorld((part) => told.push(part), { heldOut });
  t.ok(figures.images >= 3000 && figures.models >= 240 && figures.users >= 600 && figures.events >= 60_000);
  // 96 pictures: two and a half standard errors below what weights/README.md says of 1,000.
  t.ok(figures.clip.styleAccuracy > 0.75, `style ${figures.clip.styleAccuracy}`);
  t.ok(figures.clip.textToImageRecallAt10 > 0.9, `recall ${figures.clip.textToImageRecallAt10}`);
  t.ok(figures.weightsBytes > 1e6 && figures.weightsBytes <= 60e6, `${figures.weightsBytes} bytes`);
  t.same(
    told,
    told.toSorted((a, b) => a - b),
  );
});

t.test('without the weights the check says so', async (t) => {
  await t.rejects(
    checkWorld(() => {}, { weights: `${t.testdir()}/away` }),
    { code: 'weights-missing' },
  );
});

t.test('weights that cannot be measured end it with the reason', async (t) => {
  const heldOut = { count: 2, size: 96, seed: 1, split: 'heldout' as const };
  await t.rejects(
    checkWorld(() => {}, { weights: t.testdir({ clip: {} }), heldOut }),
    {
      code: 'world-check-failed',
    },
  );
});
