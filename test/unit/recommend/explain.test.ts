import t from 'tap';
import type { ItemCard } from '../../../src/catalog/types.ts';
import { type ExplainContext, explain } from '../../../src/recommend/explain.ts';
import type { ListEntry } from '../../../src/recommend/stored-list.ts';
import { plantColumns, plantUser, range } from '../../support/recommend-world.ts';

const card = (ref: number): ItemCard => ({
  ...{ ref, kind: 'image', id: `item-${ref}`, title: `Title ${ref}`, url: '' },
  ...{ tags: [], creatorId: null },
});
const columns = plantColumns(
  range(1, 20).map((item) => ({ tags: item % 2 === 1 ? ['castle', 'dusk'] : ['cat'] })),
);
const context = (more: Partial<ExplainContext> = {}): ExplainContext => ({
  ...{ kind: 'image', user: plantUser([1, 2, 3]), columns, cardOf: card, mayName: () => true },
  ...more,
});
const entry = (more: Partial<ListEntry>): ListEntry => ({
  ...{ item: 11, score: 1, sources: ['similar'], because: 0 },
  ...more,
});

t.test('what came from one item of the history names and cites it', async (t) => {
  t.same(explain(entry({ because: 3 }), context()), {
    ...{ text: 'Because you liked “Title 3”', source: 'history', evidence: ['item-3'] },
  });
});

t.test('an item only looked at was not liked', async (t) => {
  const user = plantUser([3]);
  user.recent[0]!.strength = 0.3;
  t.match(explain(entry({ because: 3 }), context({ user })), { text: 'Because you looked at “Title 3”' });
});

t.test('what came by content names the tag it shares and cites those who carry it', async (t) => {
  t.same(explain(entry({ sources: ['taste'], because: 1 }), context()), {
    ...{ text: 'Like the castle pictures you liked', source: 'attributes', evidence: ['item-3', 'item-1'] },
  });
});

t.test('a model that shares a tag with pictures is explained by pictures', async (t) => {
  const ofModels = context({ kind: 'model', cardOf: () => undefined });
  t.match(explain(entry({ sources: ['taste'], because: 1 }), ofModels), {
    text: 'Like the castle pictures you liked',
  });
});

t.test('neighbours of what may not be named are not passed off as popular', async (t) => {
  const nothing = context({ mayName: () => false });
  t.same(explain(entry({ because: 3 }), nothing), {
    ...{ text: 'Popular with people of your taste', source: 'popular', evidence: [] },
  });
  t.same(explain(entry({ sources: ['taste'], because: 3 }), nothing), {
    ...{ text: 'Close to what you liked', source: 'attributes', evidence: [] },
  });
});

t.test('popular and new ones say so without evidence', async (t) => {
  const nobody = context({ user: plantUser([]) });
  t.same(explain(entry({ sources: ['trending'] }), nobody), {
    ...{ text: 'Popular now', source: 'popular', evidence: [] },
  });
  t.same(explain(entry({ sources: ['new'] }), nobody), { text: 'New here', source: 'popular', evidence: [] });
});

t.test('an item the caller may not see is neither named nor cited', async (t) => {
  const mayName = (item: number) => item !== 3 && item !== 1;
  for (const sources of [['similar'], ['taste'], ['similar', 'taste']]) {
    const { text, evidence } = explain(entry({ sources, because: 3 }), context({ mayName }));
    t.notMatch(text, /Title 3|castle|dusk/);
    t.same(evidence, []);
  }
});

t.test('evidence is only ever the history of this user', async (t) => {
  for (const sources of [['similar'], ['taste'], ['new'], ['trending']]) {
    const { evidence, text } = explain(entry({ sources, because: 9 }), context());
    t.ok(evidence.every((id) => ['item-1', 'item-2', 'item-3'].includes(id)));
    t.notMatch(text, /Title 9/);
  }
});

t.test('a deleted cause is not named', async (t) => {
  const gone = context({ cardOf: () => undefined, mayName: (item) => item !== 3 });
  t.same(explain(entry({ because: 3 }), gone).evidence, ['item-1']);
});

t.test('a very long title is cut between code points', async (t) => {
  const cardOf = (ref: number): ItemCard => ({ ...card(ref), title: '🏰'.repeat(300) });
  const { text } = explain(entry({ because: 3 }), context({ cardOf }));
  t.ok(text.isWellFormed());
  t.ok(text.length < 200);
});
