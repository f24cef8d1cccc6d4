import t from 'tap';
import { ceilingRanks } from '../../../seed/ceiling.ts';
import { recipeOf } from '../../../seed/grammar.ts';
import { attentionAt } from '../../../seed/sessions.ts';
import { worldSize } from '../../../seed/sizes.ts';
import { openTruth, truthOf } from '../../../seed/truth.ts';
import { dateOf, makeWorld, sessionOf } from '../../../seed/world.ts';

const world = makeWorld(worldSize('full'));
const file = JSON.parse(JSON.stringify(truthOf(world)));
const truth = openTruth(file);
const BEGINS = Date.parse(dateOf(0));
const ENDS = Date.parse(dateOf(1));
const images = world.events.filter(({ itemKind }) => itemKind === 'image');
const LIKES = new Set(['like', 'heart', 'laugh', 'cry']);
const affinityIn = ({ userId, itemId: id, occurredAt }: (typeof images)[0]) =>
  truth.affinity(userId, { kind: 'image', id }, Date.parse(occurredAt));
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

t.test('affinity lies in [0, 1], for pictures and models, at any time', async (t) => {
  for (const { id } of file.people.slice(0, 60))
    for (const time of [BEGINS, (BEGINS + ENDS) / 2, ENDS]) {
      const all = [
        ...file.images
          .slice(0, 100)
          .map((item: { id: string }) => truth.affinity(id, { kind: 'image', id: item.id }, time)),
        ...file.models.map((item: { id: string }) =>
          truth.affinity(id, { kind: 'model', id: item.id }, time),
        ),
      ];
      t.ok(all.every((value) => value >= 0 && value <= 1));
    }
});

t.test('a person’s favourite is what the taste says: style, then colours, then what is shown', async (t) => {
  const steady = world.people.filter(({ drift }) => drift === null);
  for (const person of steady.slice(0, 50)) {
    const best = file.images
      .map(({ id }: { id: string }) => ({
        id,
        liking: truth.affinity(person.id, { kind: 'image', id }, ENDS),
      }))
      .sort((a: { liking: number }, b: { liking: number }) => b.liking - a.liking)[0]!;
    const { style, palette } = recipeOf(best.id)!;
    const interest = person.taste.interests.find((one) => one.style === style);
    t.ok(interest?.palettes.includes(palette), `${person.id} likes ${best.id} best`);
  }
});

t.test('interests do not mix: one’s colours in another’s style are liked less', async (t) => {
  let apart = 0;
  let tried = 0;
  for (const { taste } of world.people) {
    const [first, second] = taste.interests as [(typeof taste.interests)[0], (typeof taste.interests)[0]];
    if (second.palettes.includes(first.palettes[0]) || second.palettes[0] === first.palettes[0]) continue;
    tried++;
    const find = (style: string, palette: string) =>
      world.pictures.find(({ recipe }) => recipe.style === style && recipe.palette === palette);
    const own = find(second.style, second.palettes[0]);
    const mixed = find(second.style, first.palettes[0]);
    const person = world.people.find((one) => one.taste === taste)!;
    if (own === undefined || mixed === undefined) continue;
    const liking = (id: string) => truth.affinity(person.id, { kind: 'image', id }, BEGINS);
    if (liking(own.id) > liking(mixed.id)) apart++;
  }
  t.ok(apart / tried > 0.9, `${apart} of ${tried}`);
});

t.test('people like what their planted taste says', async (t) => {
  const on = (types: string[]) => mean(images.filter(({ type }) => types.includes(type)).map(affinityIn));
  const seen = on(['view']);
  t.ok(on([...LIKES]) > 2 * seen, `${on([...LIKES])} liked, ${seen} seen`);
  t.ok(on(['dislike', 'hide']) < 0.05);
});

t.test('a third of the people drift, all the way and within the year; the others never', async (t) => {
  const drifting = world.people.filter(({ drift }) => drift !== null);
  t.ok(Math.abs(drifting.length / world.people.length - 1 / 3) < 0.01);
  const change = (id: string) =>
    Math.max(
      ...file.images.slice(0, 1500).map((item: { id: string }) => {
        const name = { kind: 'image' as const, id: item.id };
        return Math.abs(truth.affinity(id, name, BEGINS) - truth.affinity(id, name, ENDS));
      }),
    );
  for (const { id, drift } of world.people.slice(0, 120))
    if (drift === null) t.equal(change(id), 0);
    else t.ok(change(id) > 0.4, `${id} changes by ${change(id)}`);
});

t.test('the log shows the planted position bias', async (t) => {
  const sessions = file.sessions.filter(({ kind }: { kind: string }) => kind === 'image');
  const seen = Map.groupBy(
    images.filter(({ type }) => type === 'view'),
    ({ position }) => position!,
  );
  for (const [place, planted] of file.attention.entries()) {
    const pages = sessions.filter(({ page }: { page: number[] }) => page.length > place).length;
    const share = seen.get(place)!.length / pages;
    // Five standard errors: twelve places, and a test that does not fail by chance.
    const room = 5 * Math.sqrt((planted * (1 - planted)) / pages) + 1e-3;
    t.ok(Math.abs(share - planted) < room, `place ${place}: ${share} of pages, planted ${planted}`);
    t.equal(planted, attentionAt(place));
  }
});

t.test('a share of the pages is uniform, and only the truth file says which', async (t) => {
  const share = (from: number, to: number) => {
    const some = file.sessions.filter(({ at }: { at: number }) => at >= from && at < to);
    return some.filter(({ exposure }: { exposure: string }) => exposure === 'uniform').length / some.length;
  };
  t.ok(Math.abs(share(0, 0.75) - 0.15) < 0.02);
  t.ok(Math.abs(share(0.75, 1) - 0.6) < 0.02);
  const told = JSON.stringify({
    items: world.items,
    events: world.events.slice(0, 20_000),
    users: world.users,
  });
  t.notOk(/"(?:exposure|craft|appeal|drift|taste|joins|uniform)"/u.test(told));
});

t.test('on uniform pages every picture is as likely as another, on the others habit rules', async (t) => {
  const shown = (exposure: string) => {
    const counts = new Float64Array(file.images.length);
    for (const session of file.sessions)
      if (session.kind === 'image' && session.exposure === exposure && session.at > 0.9)
        for (const index of session.page) counts[index]!++;
    // What was there all the time and may be shown to everybody.
    return [...counts].filter(
      (_, index) => world.pictures[index]!.at < 0.85 && world.pictures[index]!.level === 1,
    );
  };
  const spread = (counts: number[]) => {
    const average = mean(counts);
    return mean(counts.map((count) => (count - average) ** 2)) / average;
  };
  const uniform = spread(shown('uniform'));
  t.ok(uniform > 0.9 && uniform < 1.15, `variance over mean ${uniform}: as of chance alone`);
  t.ok(spread(shown('front')) > 5, 'habit is far from chance');
});

t.test('popularity has a long tail', async (t) => {
  const views = Map.groupBy(images, ({ itemId }) => itemId);
  const counts = [...views.values()].map((events) => events.length).sort((a, b) => b - a);
  const top = counts.slice(0, Math.floor(world.pictures.length / 5));
  const share = top.reduce((a, b) => a + b) / images.length;
  t.ok(share > 0.55 && share < 0.85, `a fifth of the pictures have ${share} of the events`);
});

t.test('where a view was uniform, a like follows affinity and not popularity', async (t) => {
  const uniform = images.filter(({ eventId }) => truth.exposureOf(eventId) === 'uniform');
  const liked = new Set(
    uniform
      .filter(({ type }) => LIKES.has(type))
      .map(({ eventId, itemId }) => `${sessionOf(eventId)}:${itemId}`),
  );
  const bins = Map.groupBy(
    uniform.filter(({ type }) => type === 'view'),
    (event) => Math.min(4, Math.floor(affinityIn(event) * 5)),
  );
  const rates = [0, 1, 2, 3, 4].map((bin) =>
    mean(bins.get(bin)!.map(({ eventId, itemId }) => (liked.has(`${sessionOf(eventId)}:${itemId}`) ? 1 : 0))),
  );
  for (let bin = 1; bin < 5; bin++) t.ok(rates[bin]! > rates[bin - 1]!, `like rates rise: ${rates}`);
});

t.test('no order of the same likes does better than the truth', async (t) => {
  const likes = images
    .filter(({ eventId, type }) => LIKES.has(type) && truth.exposureOf(eventId) === 'uniform')
    .slice(0, 200)
    .map(({ userId, itemId, occurredAt }) => ({
      ...{ userId, target: { kind: 'image' as const, id: itemId }, time: Date.parse(occurredAt) },
      candidates: world.pictures.map(({ id }) => ({ kind: 'image' as const, id })),
    }));
  const ranks = [...ceilingRanks(truth, likes)];
  const frozen = ceilingRanks(
    { ...truth, affinity: (user, item) => truth.affinity(user, item, BEGINS) },
    likes,
  );
  const hits = (all: number[]) => all.filter((rank) => rank <= 100).length;
  t.ok(
    hits(ranks) > (4 * (likes.length * 100)) / world.pictures.length,
    `${hits(ranks)} of ${likes.length} in the first hundred`,
  );
  t.ok(hits(ranks) >= hits([...frozen]), 'whoever forgets that tastes drift does not do better');
});
