import t from 'tap';
import { seedWorld, worldSize } from '../../seed/index.ts';
import { makeWorld } from '../../seed/world.ts';
import { testDatabase } from '../support/database.ts';
import { openReplica } from '../support/events.ts';

const db = await testDatabase(t);
const parts = { ...(await openReplica(t, db)), clip: { encoder: null } };
const size = worldSize('small');

t.test('seeding fills catalogue and log with the world, and tells how far it is', async (t) => {
  const told: number[] = [];
  const report = await seedWorld(parts, size, (part) => told.push(part));
  const world = makeWorld(size);
  t.match(report, { images: 200, models: 40, users: 50, events: world.events.length });
  t.same(
    told,
    told.toSorted((a, b) => a - b),
    'progress never goes back',
  );
  t.equal(told.at(-1), 1);
  t.match(await parts.catalog.counts(), { images: 200, models: 40 });
  t.match(await parts.events.counts(), { users: 50, events: world.events.length });
});

t.test('what nobody rated is held back', async (t) => {
  const unrated = makeWorld(size).pictures.filter(({ level }) => level === undefined);
  const held = await parts.catalog.heldBack(100);
  t.same(held.map(({ id }) => id).sort(), unrated.map(({ id }) => id).sort());
});

t.test('seeding again changes nothing', async (t) => {
  const { catalogue } = await parts.events.freshness('user-1');
  t.match(await seedWorld(parts, size, () => {}), { images: 0, models: 0, users: 0, events: 0 });
  t.equal((await parts.events.freshness('user-1')).catalogue, catalogue, 'the catalogue did not move');
});
