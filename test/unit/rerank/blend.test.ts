import t from 'tap';
import { blend, madeBy } from '../../../src/rerank/index.ts';
import { plantCandidate } from '../../support/recommend-world.ts';

const PLACES = Array.from({ length: 20 }, (_, place) => place);
/** Places of the base order, best first, by what comes out. */
const orderOf = (values: number[]) => PLACES.toSorted((a, b) => values[b]! - values[a]!);
/** One opinion that would turn the base order round. */
const REVERSED = { attributes: PLACES, vlm: PLACES, conviction: 1 };
const machine = { base: 'counted', describedBy: 'attributes' } as const;

t.test('without an opinion, or with one that says nothing, the base order stands', async (t) => {
  const about = { ...machine, kind: 'image' } as const;
  t.same(orderOf(blend({ attributes: PLACES.map(() => undefined) }, about)), PLACES);
  t.same(orderOf(blend({ attributes: PLACES.map(() => 1) }, about)), PLACES);
  const unsure = { attributes: PLACES.map(() => 1), vlm: PLACES, conviction: 0 };
  t.same(orderOf(blend(unsure, about)), PLACES, 'a model that contradicts itself');
});

t.test('models that a learned order put first stay there; one that counts made gives way', async (t) => {
  const about = { kind: 'model', describedBy: 'attributes' } as const;
  const [learned, counted] = (['learned', 'counted'] as const).map((base) =>
    orderOf(blend(REVERSED, { ...about, base })),
  );
  t.equal(learned![0], 0);
  t.equal(counted![0], 19);
  const liked = PLACES.map((place) => +(place === 7));
  const hit = { attributes: liked, vlm: liked, conviction: 1 };
  const placeOf = (base: 'learned' | 'counted') => orderOf(blend(hit, { ...about, base })).indexOf(7);
  t.ok(placeOf('learned') < 5 && placeOf('learned') > 0, 'what is liked clearly comes up all the same');
  t.equal(placeOf('counted'), 0);
});

t.test('a person’s own words outweigh any order', async (t) => {
  for (const kind of ['image', 'model'] as const) {
    const attributes = PLACES.map((place) => +(place > 14));
    const said = orderOf(blend({ attributes }, { kind, base: 'learned', describedBy: 'person' }));
    t.same(said.slice(0, 5), [15, 16, 17, 18, 19], kind);
  }
});

t.test('an item without a score neither gains nor loses beside one with the mean score', async (t) => {
  const about = { ...machine, kind: 'image' } as const;
  const attributes = PLACES.map((place) =>
    place === 4 ? undefined : (place % 2) + (place === 5 ? -0.5 : 0),
  );
  const values = blend({ attributes }, about);
  const [first, second] = [values[0]!, values[1]!];
  t.ok(second > first, 'what is liked goes before what is not');
  const plain = blend({ attributes: PLACES.map(() => undefined) }, about);
  t.equal(values[4], plain[4]);
});

t.test('an order is learned where a model that learns from people scored any of it', async (t) => {
  const counted = [plantCandidate(1, 1), plantCandidate(2, 0.5, { features: { similar: 1 } })];
  t.equal(madeBy(counted), 'counted');
  for (const name of ['tower', 'sequence'])
    t.equal(madeBy([...counted, plantCandidate(3, 0.1, { features: { [name]: 0.2 } })]), 'learned');
});
