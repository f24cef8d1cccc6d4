import t from 'tap';
import { blend } from '../../../src/rerank/index.ts';
import { plantCandidate } from '../../support/recommend-world.ts';

const PLACES = Array.from({ length: 20 }, (_, place) => place);
/** Places of the base order, best first, by what comes out. */
const orderOf = (values: number[]) => PLACES.toSorted((a, b) => values[b]! - values[a]!);
const counted = PLACES.map((item) => plantCandidate(item, 1));
/** As sure of each item as its place says: half as likely with each. */
const learned = PLACES.map((item) => plantCandidate(item, 1, { features: { tower: 0.5 ** item } }));
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

t.test('what towers are sure of stays; an order by counts gives way', async (t) => {
  const reversed = { attributes: PLACES, vlm: PLACES, conviction: 1 };
  for (const kind of ['image', 'model'] as const) {
    t.equal(orderOf(blend(reversed, { ...machine, kind, items: learned }))[0], 0, kind);
    t.equal(orderOf(blend(reversed, { ...machine, kind, items: counted }))[0], 19, kind);
  }
  const liked = PLACES.map((place) => +(place === 3));
  const hit = { attributes: liked, vlm: liked, conviction: 1 };
  const unsure = PLACES.map((item) => plantCandidate(item, 1, { features: { tower: 0.9 ** item } }));
  for (const kind of ['image', 'model'] as const) {
    const order = orderOf(blend(hit, { ...machine, kind, items: unsure }));
    t.ok(order.indexOf(3) < 3, `what is liked clearly comes up all the same: ${kind}`);
  }
});

t.test('among items that towers hold for equally likely the opinion counts', async (t) => {
  const items = PLACES.map((item) =>
    plantCandidate(item, 1, { features: { tower: item < 10 ? 0.5 : 0.001 } }),
  );
  const attributes = PLACES.map((place) => +(place === 8 || place === 18));
  const order = orderOf(
    blend({ attributes, vlm: attributes, conviction: 1 }, { ...machine, kind: 'model', items }),
  );
  t.ok(order.indexOf(8) < 8);
  t.equal(order.indexOf(18), 10, 'what is all but impossible is not brought up by looks');
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
  const halfKnown = learned.map((candidate, n) => (n === 4 ? counted[n]! : candidate));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const values = blend({}, { ...about, items: halfKnown });
  const others = PLACES.filter((n) => n !== 4);
  const byPlace = blend({}, { ...about, items: learned.map(() => learned[0]!) });
  t.ok(Math.abs(mean(others.map((n) => values[n]! - byPlace[n]!))) < 1e-9);
  t.ok(Math.abs(values[4]! - byPlace[4]!) < 1e-9);
});
