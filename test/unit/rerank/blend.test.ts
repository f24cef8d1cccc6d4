import t from 'tap';
import { blend } from '../../../src/rerank/index.ts';
import { plantCandidate } from '../../support/recommend-world.ts';

const PLACES = Array.from({ length: 20 }, (_, place) => place);
/** Places of the base order, best first, by what comes out. */
const orderOf = (values: number[]) => PLACES.toSorted((a, b) => values[b]! - values[a]!);
const counted = PLACES.map((item) => plantCandidate(item, 1));
/** By towers that hold the last for likeliest: how sure they are is in the order already. */
const learned = PLACES.map((item) => plantCandidate(item, 1, { features: { tower: 0.5 ** (19 - item) } }));
const machine = { describedBy: 'attributes' } as const;

t.test('without an opinion, or with one that says nothing, the base order stands', async (t) => {
  for (const kind of ['image', 'model'] as const)
    for (const items of [counted, learned]) {
      t.same(orderOf(blend({}, { ...machine, kind, items })), PLACES);
      const same = PLACES.map(() => 1);
      const unsure = { attributes: same, vlm: PLACES, conviction: 0 };
      t.same(orderOf(blend(unsure, { ...machine, kind, items })), PLACES, 'a model that contradicts itself');
    }
});

t.test('an order by counts gives way to an opinion', async (t) => {
  const reversed = { attributes: PLACES, vlm: PLACES, conviction: 1 };
  for (const kind of ['image', 'model'] as const)
    t.equal(orderOf(blend(reversed, { ...machine, kind, items: counted }))[0], 19, kind);
});

t.test('beside towers a model that is sure moves pictures a few places, LoRA models none', async (t) => {
  const liked = { vlm: PLACES.map((place) => +(place === 7)) };
  const placeOf = (conviction: number, kind: 'image' | 'model') =>
    orderOf(blend({ ...liked, conviction }, { ...machine, kind, items: learned })).indexOf(7);
  t.ok(placeOf(1, 'image') < 7 && placeOf(1, 'image') >= 2, `to ${placeOf(1, 'image')}`);
  t.equal(placeOf(0.05, 'image'), 7, 'one that is not sure moves nothing');
  t.equal(placeOf(1, 'model'), 7);
});

t.test('beside towers what CLIP alone sees moves nothing', async (t) => {
  for (const kind of ['image', 'model'] as const)
    t.same(orderOf(blend({ attributes: PLACES }, { ...machine, kind, items: learned })), PLACES, kind);
});

t.test('a person’s own words outweigh any order', async (t) => {
  for (const kind of ['image', 'model'] as const) {
    const attributes = PLACES.map((place) => +(place > 14));
    const said = orderOf(blend({ attributes }, { kind, items: learned, describedBy: 'person' }));
    t.same(said.slice(0, 5), [15, 16, 17, 18, 19], kind);
  }
});

t.test('what is not known of an item neither helps nor harms it', async (t) => {
  const about = { ...machine, kind: 'image' } as const;
  const attributes = PLACES.map((place) => (place === 4 ? undefined : place % 2));
  const plain = blend({}, { ...about, items: counted });
  t.equal(blend({ attributes }, { ...about, items: counted })[4], plain[4]);
});
