import { makePeople } from '../seed/people.ts';
import { liveYear } from '../seed/sessions.ts';
import { dateOf, type World } from '../seed/world.ts';
import type { ItemColumns } from '../src/catalog/index.ts';
import type { Deeds, Events } from '../src/events/index.ts';
import { servedLog } from './world-past.ts';

/** Other people who met the same pictures and models for a year: what is chosen on them is not chosen on the world's own. */
export function otherPeople(world: World, seed: number): World {
  const { users, events: count } = world.size;
  const people = makePeople(users, seed);
  const { sessions, deeds } = liveYear(count, { people, pictures: world.pictures, cards: world.cards }, seed);
  const events = deeds.map(({ person, kind, id, type, at, session, position }, index) => ({
    ...{ eventId: `world-${seed}-${session ?? 'made'}-${index}`, userId: person.id },
    ...{ itemKind: kind, itemId: id, type, occurredAt: dateOf(at) },
    ...(position !== undefined && { position }),
  }));
  return { ...world, people, sessions, events };
}

/** What they did, as a service over the demo world's catalogue would read it. */
export function eventsOf(world: World, columns: ItemColumns): Pick<Events, 'deeds' | 'interactionLog'> {
  const everybody = new Map<string, Deeds>(
    world.people.map(({ id }, n) => [id, { user: n + 1, id, deeds: [] }]),
  );
  for (const { userId, itemKind, itemId, type, occurredAt } of world.events) {
    const item = columns.refOf(itemKind, itemId);
    if (item !== undefined) everybody.get(userId)!.deeds.push({ item, type, at: Date.parse(occurredAt) });
  }
  return {
    deeds: async () => [...everybody.values()],
    interactionLog: async (kind, until = new Date()) => {
      const events = world.events.filter(({ occurredAt }) => Date.parse(occurredAt) <= until.getTime());
      return servedLog({ ...world, events }, columns, kind, Number.POSITIVE_INFINITY);
    },
  };
}
