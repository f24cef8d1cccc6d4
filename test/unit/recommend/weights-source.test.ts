import t from 'tap';
import { contentInMemory } from '../../../src/recommend/content.ts';
import { weightsSource } from '../../../src/recommend/sources/weights.ts';
import type { Context, SourceHit } from '../../../src/recommend/types.ts';
import { plantColumns, plantContext, plantUser, range } from '../../support/recommend-world.ts';

/** Models 1…20, of which the even ones lie together in weight space; images 21…60 have no place there. */
const columns = plantColumns(range(1, 60).map((item) => ({ kind: item <= 20 ? 'model' : 'image' })));
const place = (item: number) =>
  item % 2 === 0 ? Float32Array.of(1, item / 100) : Float32Array.of(-1, item / 100);
const places = new Map(range(1, 20).map((item) => [item, place(item)]));
const asked: number[][] = [];
const source = weightsSource({
  ...{ deadline: 40, pool: 10, content: contentInMemory(places) },
  neighbours(_, items) {
    asked.push(items);
    return items.map((item) =>
      range(1, 20)
        .filter((other) => other !== item)
        .map((other) => ({ id: other, score: Math.sign(place(other)[0]! * place(item)[0]!) }))
        .sort((a, b) => b.score - a.score),
    );
  },
});
const context = (kind: 'image' | 'model', liked: number[]): Context => {
  const planted = plantContext({ columns, user: plantUser(liked) });
  return { ...planted, request: { ...planted.request, kind } };
};

t.test('models come from where the models lie that a person took, however many pictures came since', (t) => {
  const hits = source.find(context('model', [2, 4, ...range(21, 60)])) as SourceHit[];
  t.ok(hits.length > 0);
  t.ok(hits.every(({ item, because }) => item % 2 === 0 && item <= 20 && [2, 4].includes(because!)));
  t.notOk(
    hits.some(({ item }) => [2, 4].includes(item)),
    'what was seen is not found again',
  );
  t.end();
});

t.test('it says nothing of pictures, to somebody who took no model, and where no model has a place', (t) => {
  asked.length = 0;
  t.same(source.find(context('image', [2, 4])), []);
  t.same(source.find(context('model', range(21, 60))), []);
  const nowhere = weightsSource({
    ...{ deadline: 40, pool: 10, content: contentInMemory(new Map()), neighbours: () => [] },
  });
  t.same(nowhere.find(context('model', [2, 4])), []);
  t.same(asked, []);
  t.end();
});
