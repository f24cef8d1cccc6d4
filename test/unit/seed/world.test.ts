import t from 'tap';
import { affinity } from '../../../seed/people.ts';
import { worldSize } from '../../../seed/sizes.ts';
import { makeWorld } from '../../../seed/world.ts';
import { faultOf } from '../../../src/catalog/index.ts';
import { checkEvent } from '../../../src/events/check.ts';

const SIZE = worldSize('small');
const world = makeWorld(SIZE);

t.test('the same seed makes the same world, another seed another one', async (t) => {
  t.same(makeWorld(SIZE).events, world.events);
  t.same(makeWorld(SIZE).items, world.items);
  t.notSame(makeWorld({ ...SIZE, seed: 2 }).items, world.items);
});

t.test('it has the size that was asked for', async (t) => {
  t.equal(world.items.filter(({ kind }) => kind === 'image').length, 200);
  t.equal(world.items.filter(({ kind }) => kind === 'model').length, 40);
  t.equal(world.users.length, 50);
  t.ok(Math.abs(world.events.length - SIZE.events) < SIZE.events * 0.2, `${world.events.length} events`);
});

t.test('the person that README and console ask about is there and has a history', async (t) => {
  t.ok(world.events.filter(({ userId }) => userId === 'user-7').length >= 50);
});

t.test('catalogue and log take every word of it', async (t) => {
  for (const item of world.items) t.equal(faultOf(item, 64), null, item.id);
  const now = Date.now();
  t.same(
    world.events.filter((event) => 'code' in checkEvent(event, now)),
    [],
  );
  t.equal(new Set(world.items.map(({ kind, id }) => `${kind}:${id}`)).size, world.items.length);
  t.equal(new Set(world.events.map(({ eventId }) => eventId)).size, world.events.length);
});

t.test('events are in time order, spread over the year, and of things that were there', async (t) => {
  const times = world.events.map(({ occurredAt }) => occurredAt);
  t.same(times, times.toSorted());
  const made = new Map(world.items.map(({ kind, id, createdAt }) => [`${kind}:${id}`, createdAt!]));
  t.same(
    world.events.filter(
      ({ itemKind, itemId, occurredAt }) => occurredAt < made.get(`${itemKind}:${itemId}`)!,
    ),
    [],
  );
  const months = new Set(times.map((time) => time.slice(0, 7)));
  t.ok(months.size >= 12, `${months.size} months`);
});

t.test('people like what their planted taste says', async (t) => {
  const people = new Map(world.people.map((person) => [person.id, person]));
  const pictures = new Map(world.pictures.map((picture) => [picture.id, picture]));
  const first = Date.UTC(2025, 10, 1);
  const mean = (types: string[]) => {
    const found = world.events.filter(({ itemKind, type }) => itemKind === 'image' && types.includes(type));
    const sum = found.reduce((total, { userId, itemId, occurredAt }) => {
      const at = (Date.parse(occurredAt) - first) / (365 * 86_400_000);
      return total + affinity(people.get(userId)!, pictures.get(itemId)!.recipe, at);
    }, 0);
    return sum / found.length;
  };
  t.ok(
    mean(['like', 'heart']) > 1.6 * mean(['view']),
    `${mean(['like', 'heart'])} liked, ${mean(['view'])} seen`,
  );
  t.ok(mean(['dislike', 'hide']) < 0.05);
});

t.test('a third of the people drift, and far', async (t) => {
  const drifting = world.people.filter(({ drift }) => drift !== null);
  t.ok(Math.abs(drifting.length - world.people.length / 3) < 2);
  const moved = drifting.filter((person) =>
    world.pictures.some(
      ({ recipe }) => Math.abs(affinity(person, recipe, 0) - affinity(person, recipe, 1)) > 0.4,
    ),
  );
  t.equal(moved.length, drifting.length);
});

t.test('popularity has a long tail', async (t) => {
  const views = new Map<string, number>();
  for (const { itemKind, itemId } of world.events)
    if (itemKind === 'image') views.set(itemId, (views.get(itemId) ?? 0) + 1);
  const counts = [...views.values()].sort((a, b) => b - a);
  const all = counts.reduce((sum, count) => sum + count, 0);
  const top = counts.slice(0, 40).reduce((sum, count) => sum + count, 0);
  t.ok(top / all > 0.35, `a fifth of the pictures have ${Math.round((100 * top) / all)} % of the events`);
});

t.test('safety has something to do, and only a little', async (t) => {
  const images = world.items.filter(({ kind }) => kind === 'image');
  const adult = images.filter(({ browsingLevel = 0 }) => browsingLevel >= 4);
  const unknown = images.filter(({ browsingLevel }) => browsingLevel === undefined);
  t.ok(adult.length >= 2 && adult.length <= 20, `${adult.length} for adults`);
  t.ok(unknown.length >= 1 && unknown.length <= 8, `${unknown.length} unrated`);
});

t.test('every style has pictures and models', async (t) => {
  t.equal(new Set(world.pictures.map(({ recipe }) => recipe.style)).size, 16);
  t.equal(new Set(world.cards.map(({ styles }) => styles[0]!.style)).size, 16);
});
