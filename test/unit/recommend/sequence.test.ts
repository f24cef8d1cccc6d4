import t, { type Test } from 'tap';
import { openSequenceModel, readSequenceArtifact } from '../../../src/models/index.ts';
import { sequenceScorer, sequenceSource } from '../../../src/recommend/sources/sequence.ts';
import type { SourceHit } from '../../../src/recommend/types.ts';
import { plantCandidate, plantColumns, plantContext, plantUser } from '../../support/recommend-world.ts';
import { writeRingModel } from '../../support/sequence-artifact.ts';

const ITEMS = 12;
const columns = plantColumns(Array.from({ length: ITEMS }, (_, n) => ({ level: n === 6 ? 16 : 1 })));

/** Items 1…10 go round; 11 and 12 came after the training. */
async function ringModel(t: Test, parameters: Record<string, number> = {}) {
  const ids = Array.from({ length: 10 }, (_, n) => `item-${n + 1}`);
  const artifact = await readSequenceArtifact(await writeRingModel(t.testdir(), ids, { parameters }));
  const model = openSequenceModel(artifact, columns);
  t.teardown(() => model.close());
  return model;
}
const source = sequenceSource({ deadline: 40, pool: 4 });
const itemsOf = (hits: SourceHit[]) => hits.map(({ item }) => item);

t.test('the source brings what comes next and may be shown, the likeliest first', async (t) => {
  const sequence = await ringModel(t);
  const context = plantContext({ columns, user: plantUser([2, 4]), sequence });
  const hits = await source.find(context);
  t.same(itemsOf(hits).slice(0, 2), [5, 6], 'and 7 is above the level asked for');
  t.equal(hits.length, 4);
  t.equal(hits[0]!.score, 1);
  t.ok(hits[1]!.score < 1 && hits[1]!.score > hits[2]!.score);
  t.ok(hits.every(({ item, because }) => item !== 2 && item !== 4 && [2, 4].includes(because!)));
  t.notOk(source.find(context) instanceof Promise, 'the same state is not waited for again');
});

t.test('what is kept of an answer names no item above the level asked for', async (t) => {
  const sequence = await ringModel(t);
  const reasons = async (maxLevel: number) => {
    const context = plantContext({ columns, user: plantUser([2, 7]), sequence }, { maxLevel });
    return new Set((await source.find(context)).map(({ because }) => because));
  };
  t.same(await reasons(16), new Set([7]), 'of equals the newest');
  t.same(await reasons(1), new Set([2]));
  t.same(await reasons(16), new Set([7]));
});

t.test('nobody is asked about who did nothing the model knows, or where there is no model', async (t) => {
  const sequence = await ringModel(t);
  t.same(await source.find(plantContext({ columns, user: plantUser([11]), sequence })), []);
  t.same(await source.find(plantContext({ columns, user: plantUser([]), sequence })), []);
  t.same(await source.find(plantContext({ columns, user: plantUser([2]) })), []);
});

t.test('deeds weaker than those it learned from are no history', async (t) => {
  const sequence = await ringModel(t, { minStrength: 0.7 });
  const user = plantUser([2, 4]);
  user.recent[1]!.strength = 0.3;
  const hits = await source.find(plantContext({ columns, user, sequence }));
  t.equal(itemsOf(hits)[0], 3);
  t.ok(
    hits.every(({ because }) => because === 2),
    'nor a reason: the model was not told of them',
  );
});

t.test('whatever brought a candidate, its feature says how likely it is next', async (t) => {
  const sequence = await ringModel(t);
  const context = plantContext({ columns, user: plantUser([4]), sequence });
  const candidates = () => [5, 6, 9, 12].map((item) => plantCandidate(item, 0));
  const unasked = candidates();
  sequenceScorer.score(unasked, context);
  t.ok(
    unasked.every(({ features }) => features.sequence === undefined),
    'it waits for nothing',
  );
  await source.find(context);
  const asked = candidates();
  sequenceScorer.score(asked, context);
  t.same(
    asked.map(({ features }) => features.sequence),
    [1, Math.exp(-1), Math.exp(-3), undefined],
    'what is new to the model has none',
  );
});
