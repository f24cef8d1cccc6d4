import { createHash } from 'node:crypto';
import t from 'tap';
import { worldSize } from '../../../seed/sizes.ts';
import { makeWorld, type World } from '../../../seed/world.ts';
import { planZoo } from '../../../seed/zoo.ts';
import { faultOf } from '../../../src/catalog/index.ts';
import { checkEvent } from '../../../src/events/check.ts';

const world = makeWorld(worldSize('full'));
const digestOf = ({ users, items, events }: World) =>
  createHash('sha256').update(JSON.stringify({ users, items, events })).digest('hex');

t.test('the same seed makes the same world, another seed another one', async (t) => {
  const small = makeWorld(worldSize('small'));
  t.equal(digestOf(makeWorld(worldSize('small'))), digestOf(small));
  t.not(digestOf(makeWorld(worldSize('small', 2))), digestOf(small));
});

t.test('pictures and zoo are those that the shipped weights and vectors were made of', async (t) => {
  const ids = JSON.stringify([world.pictures.map(({ id }) => id), planZoo(world.cards.length, 1)]);
  t.equal(createHash('sha256').update(ids).digest('hex').slice(0, 16), '00cb8df1aea6a451');
});

t.test('it is as large as the issue of the demo world asks', async (t) => {
  t.ok(world.pictures.length >= 3000);
  t.ok(world.cards.length >= 240);
  t.ok(world.users.length >= 600);
  t.ok(world.events.length >= 60_000, `${world.events.length} events`);
});

t.test('catalogue and log take every word of it', async (t) => {
  t.same(
    world.items.map((item) => faultOf(item, 64)).filter((fault) => fault !== null),
    [],
  );
  const now = Date.now();
  t.same(
    world.events.filter((event) => 'code' in checkEvent(event, now)),
    [],
  );
  t.equal(new Set(world.items.map(({ kind, id }) => `${kind}:${id}`)).size, world.items.length);
  t.equal(new Set(world.events.map(({ eventId }) => eventId)).size, world.events.length);
  t.equal(new Set(world.users.map(({ id }) => id)).size, world.users.length);
  t.equal(
    new Set(world.cards.map(({ name, styles }) => `${name} ${styles[0]!.style}`)).size,
    world.cards.length,
  );
});

t.test(
  'events are in time order, spread over the year, and of things and people that were there',
  async (t) => {
    const times = world.events.map(({ occurredAt }) => occurredAt);
    t.same(times, times.toSorted());
    const made = new Map(world.items.map(({ kind, id, createdAt }) => [`${kind}:${id}`, createdAt!]));
    t.same(
      world.events.filter(
        ({ itemKind, itemId, occurredAt }) => occurredAt < made.get(`${itemKind}:${itemId}`)!,
      ),
      [],
    );
    const people = new Set(world.users.map(({ id }) => id));
    t.ok(world.events.every(({ userId }) => people.has(userId)));
    const months = Map.groupBy(times, (time) => time.slice(0, 7));
    t.ok(months.size >= 12, `${months.size} months`);
  },
);

t.test('at the end of the year there are new pictures and models that nobody has met', async (t) => {
  const met = new Set(world.events.map(({ itemKind, itemId }) => `${itemKind}:${itemId}`));
  const newest = (kind: string) =>
    world.items.filter((item) => item.kind === kind && item.createdAt! > '2026-10-29');
  t.ok(newest('image').length >= 20, `${newest('image').length} pictures of the last days`);
  t.ok(newest('image').every(({ id }) => !met.has(`image:${id}`)));
  t.ok(newest('model').length >= 1);
});

t.test('safety has something to do, and only a little', async (t) => {
  const images = world.items.filter(({ kind }) => kind === 'image');
  const share = (wanted: (level: number | undefined) => boolean) =>
    images.filter(({ browsingLevel }) => wanted(browsingLevel)).length / images.length;
  const adult = share((level = 0) => level >= 4 && level < 32);
  const unknown = share((level) => level === undefined);
  const blocked = share((level) => level === 32);
  t.ok(adult > 0.02 && adult < 0.07, `${adult} for adults`);
  t.ok(unknown > 0.003 && unknown < 0.02, `${unknown} unrated`);
  t.ok(blocked > 0.003 && blocked < 0.02, `${blocked} blocked`);
  const level = new Map(images.map(({ id, browsingLevel = 32 }) => [id, browsingLevel]));
  t.same(
    world.events.filter(({ itemKind, itemId }) => itemKind === 'image' && level.get(itemId)! > 8),
    [],
    'nobody was shown what is unrated or blocked',
  );
});

t.test('a model’s card agrees with what it draws, and there are many makers', async (t) => {
  for (const card of world.cards) {
    const item = world.items.find(({ kind, id }) => kind === 'model' && id === card.id)!;
    const attributes = item.attributes as { rank: number; layout: string; trainedWords: string };
    t.match(attributes, { rank: card.rank, layout: card.format, trainedWords: card.trigger });
    t.ok(item.description!.includes(card.trigger) && item.prompt!.includes(card.trigger));
    t.ok(card.palette === null || item.tags!.includes(card.palette));
  }
  for (const [style, cards] of Map.groupBy(world.cards, ({ styles }) => styles[0]!.style))
    t.ok(new Set(cards.map(({ creator }) => creator.id)).size >= 5, `${style} has several makers`);
});
