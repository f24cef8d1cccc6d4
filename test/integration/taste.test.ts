import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { recipeOf, STYLES } from '../../seed/grammar.ts';
import type { Assign, Assignment } from '../../src/recommend/index.ts';
import { event } from '../support/events.ts';
import { STYLE_OF, tasteWorld } from '../support/taste-world.ts';

t.setTimeout(120_000);
const { db, tastes, events, recommender, replica, ask, known } = await tasteWorld(t);
const rowOf = async (id: string) =>
  (await db.pool.query('select * from recommendations where id = $1', [id])).rows[0];

t.test('a taste names what was planted, with the person’s own pictures', async (t) => {
  for (const [person, style] of Object.entries(STYLE_OF)) {
    const { source, preferences } = await tastes.told(person, 1);
    t.equal(source, 'attributes');
    const [first] = preferences;
    t.ok(
      STYLES[style].tags.some((tag) => first!.likes.includes(tag)),
      person,
    );
    t.ok(first!.evidence.length > 0 && first!.evidence.every((id) => recipeOf(id)!.style === style));
  }
});

t.test('a list is re-ranked by it, labelled, logged, and says why with checked evidence', async (t) => {
  await known('ada');
  const page = await ask('ada');
  t.match(page.versions.rerank, /^attributes-1/);
  const row = await rowOf(page.recommendationId);
  t.match(row.rerank, { mode: 'auto', by: { ranker: 'attributes', taste: /^[0-9a-f]{32}$/ } });
  t.equal(row.propensities, null);
  const own = new Set(
    (
      await db.pool.query(
        `select i.id from events e join users u on u.ref = e.user_ref join items i on i.ref = e.item_ref where u.id = 'ada'`,
      )
    ).rows.map(({ id }) => id),
  );
  const reasons = page.items
    .map(({ explanation }) => explanation)
    .filter(({ source, text }) => source === 'attributes' && text.endsWith('like pictures you liked'));
  t.ok(reasons.length > 3, `${reasons.length}`);
  for (const { evidence } of reasons) t.ok(evidence.length > 0 && evidence.every((id) => own.has(id)));
});

t.test('the top holds what it held, and nothing twice', async (t) => {
  const base = await ask('ben', { rerank: 'off' });
  await known('ben');
  const reranked = await ask('ben');
  t.equal((await rowOf(base.recommendationId)).rerank, null);
  t.equal(base.versions.rerank, undefined);
  const shared = (page: typeof base) =>
    page.items
      .filter(({ sources }) => sources.join() !== 'new')
      .map(({ id }) => id)
      .sort();
  t.equal(new Set(reranked.items.map(({ id }) => id)).size, reranked.items.length);
  t.ok(shared(reranked).filter((id) => shared(base).includes(id)).length >= 15);
});

t.test('a later page has reasons too', async (t) => {
  const page = await ask('ada', { limit: 5 });
  const next = await recommender.nextPage({ cursor: page.nextCursor!, limit: 10, maxLevel: 1 });
  t.ok(next.items.some(({ explanation }) => explanation.text.endsWith('like pictures you liked')));
});

t.test('a drawn list keeps the order that its propensities are of', async (t) => {
  const drawn = await replica({ DRAW_SHARE: 1 });
  await drawn.known('ada');
  const page = await drawn.ask('ada');
  t.equal(page.versions.rerank, undefined);
  const row = await rowOf(page.recommendationId);
  t.same(row.rerank, { mode: 'auto', by: null });
  t.equal(row.propensities.length, row.items.length);
});

const deciding =
  (variant: string, pipelines: Assignment['pipelines']): Assign =>
  async () => ({ variant, pipelines });

t.test('a variant decides where the request leaves it open, and what it decided is logged', async (t) => {
  const off = await replica({}, { assign: deciding('rerank@1:off', [{ rerank: 'off' }]) });
  await off.known('ada');
  const left = await off.ask('ada');
  t.equal(left.versions.rerank, undefined);
  t.match(await rowOf(left.recommendationId), { variant: 'rerank@1:off', rerank: null });
  const asked = await off.ask('ada', { rerank: 'wait' });
  t.match((await rowOf(asked.recommendationId)).rerank, { mode: 'wait', by: { ranker: 'attributes' } });
});

t.test('two ways of re-ranking can be interleaved, and each keeps its name', async (t) => {
  const both = await replica(
    {},
    { assign: deciding('rerank@1:interleaved', [{ rerank: 'off' }, { rerank: 'auto' }]) },
  );
  await both.known('ada');
  const page = await both.ask('ada');
  const row = await rowOf(page.recommendationId);
  t.match(row.rerank, { mode: 'auto', by: { ranker: 'attributes' } });
  t.equal(row.teams.length, row.items.length);
  const { body } = (
    await db.pool.query('select body from pipeline_versions where digest = $1', [row.config_digest])
  ).rows[0];
  t.same(
    body.interleaved.map(({ versions }: { versions: { rerank?: string } }) => versions.rerank?.slice(0, 12)),
    [undefined, 'attributes-1'],
  );
});

t.test('who has no history gets a list at once, and it says so only where somebody waited', async (t) => {
  t.same((await ask('nobody')).degraded, []);
  t.same((await ask('nobody', { rerank: 'wait' })).degraded, [{ stage: 'rerank', code: 'no-history' }]);
  t.match(await tastes.told('nobody', 1), { source: 'none', preferences: [] });
});

t.test('one liked picture is enough for a taste', async (t) => {
  const { items } = await ask('newcomer');
  await events.ingest([event('newcomer', items[0]!.id)]);
  const { source, preferences } = await tastes.told('newcomer', 1);
  t.equal(source, 'attributes');
  t.same(preferences[0]!.evidence, [items[0]!.id]);
});

t.test('a person’s correction wins at once, outlives a refresh, and can be taken back', async (t) => {
  await known('cleo');
  const meanPlaceOfGlass = async () => {
    const { items } = await ask('cleo');
    const places = items
      .filter(({ id }) => recipeOf(id)!.style === 'stained-glass')
      .map(({ position }) => position);
    return places.reduce((sum, place) => sum + place, 0) / places.length;
  };
  const before = await meanPlaceOfGlass();
  await tastes.state('cleo', [{ text: 'Only neon synthwave', avoids: ['stained glass'] }]);
  t.ok((await meanPlaceOfGlass()) > before, 'what is avoided now sinks in the very next list');
  t.match(await tastes.told('cleo', 1), { source: 'person', preferences: [{ text: 'Only neon synthwave' }] });
  const { items, recommendationId } = await ask('cleo', { limit: 40 });
  t.equal((await rowOf(recommendationId)).rerank.by.ranker, 'attributes');
  const { describedAt } = await tastes.told('cleo', 1);
  await events.ingest(items.slice(0, 20).map(({ id }) => event('cleo', id)));
  let told = await tastes.told('cleo', 1);
  for (; told.describedAt === describedAt; told = await tastes.told('cleo', 1)) await sleep(20);
  t.equal(told.source, 'person', 'the machine has described the taste anew');
  await tastes.state('cleo', null);
  t.equal((await tastes.told('cleo', 1)).source, 'attributes');
});

t.test('unsafe words are no correction', async (t) => {
  await t.rejects(tastes.state('ada', [{ text: 'fine' }, { text: 'fucking nude porn' }]), {
    ...{ code: 'text-unsafe', status: 400, pointer: '/preferences/1' },
  });
});

t.test('an erased person leaves no taste', async (t) => {
  await tastes.state('ben', [{ text: 'Quiet boats' }]);
  const receipt = await events.eraseUser('ben');
  t.equal(receipt.tastes, 1);
  t.match(await tastes.told('ben', 1), { source: 'none', preferences: [], correctedAt: null });
});
