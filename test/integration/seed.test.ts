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

t.test(
  'what CLIP sees in the pictures comes with them, when the model in force is the one that saw it',
  async (t) => {
    const dims = 8;
    const vectorOf = (index: number) =>
      index === 5 ? null : Float32Array.from({ length: dims }, (_, d) => Math.cos(index * 3 + d));
    const stored = async (inForce: string) => {
      const other = await testDatabase(t);
      const replica = await openReplica(t, other);
      const clip = { encoder: { id: inForce } };
      const shippedVectors = async () => ({ encoder: 'clip/8@world', dims, vectorOf });
      await seedWorld({ ...replica, clip, shippedVectors }, { ...size, events: 300 }, () => {});
      const { rows } = await other.pool.query<{ source: string; vectors: string }>(
        "select source, count(*) as vectors from item_vectors where space = 'clip' group by source",
      );
      return rows.map(({ source, vectors }) => [source, Number(vectors)]);
    };
    t.same(await stored('clip/8@world'), [['clip/8@world', size.images + size.models - 1]]);
    t.same(await stored('clip/8@other'), [], 'another model looks for itself');
  },
);

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
