import { makePeople } from '../seed/people.ts';
import { liveYear } from '../seed/sessions.ts';
import { dateOf, type World } from '../seed/world.ts';

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
