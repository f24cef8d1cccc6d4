import t, { type Test } from 'tap';
import type { ItemKind } from '../../src/catalog/types.ts';
import type { EventType } from '../../src/events/types.ts';
import { testDatabase } from '../support/database.ts';
import { event, openReplica } from '../support/events.ts';

const db = await testDatabase(t);
const { catalog, events } = await openReplica(t, db);
await catalog.put(
  ['c', 'a', 'b', 'gone'].map((id) => ({ kind: 'image' as const, id, title: id })),
  { mode: 'trusted' },
);

const at = (minute: number) => new Date(1.7e12 + minute * 60_000).toISOString();
const did = (user: string, ...what: [EventType, string, number, ItemKind?][]) =>
  events.ingest(
    what.map(([type, item, minute, itemKind]) =>
      event(user, item, { type, occurredAt: at(minute), ...(itemKind && { itemKind }) }),
    ),
  );
/** A user's row as item:strength, oldest first. */
const read = async (t: Test, kind: ItemKind) => {
  const log = await events.interactionLog(kind);
  t.same(
    [...log.items],
    [...log.items].sort((a, b) => a - b),
  );
  t.equal(log.offsets.length, log.users + 1);
  t.equal(log.offsets[log.users], log.columns.length);
  return Array.from({ length: log.users }, (_, user) =>
    Array.from({ length: log.offsets[user + 1]! - log.offsets[user]! }, (_, n) => {
      const place = log.offsets[user]! + n;
      const item = catalog.columns.idOf(log.items[log.columns[place]!]!);
      return `${item}:${Number(log.strengths[place]!.toFixed(2))}`;
    }),
  );
};

t.test('an empty log is an empty log', async (t) => {
  t.match(await events.interactionLog('image'), { users: 0, syntheticTime: false });
});

t.test(
  'rows are people, oldest first, one entry an item with its last time and greatest strength',
  async (t) => {
    await did(
      'ann',
      ['like', 'a', 1],
      ['view', 'b', 5],
      ['like', 'c', 3],
      ['view', 'a', 9],
      ['click', 'm', 2, 'model'],
    );
    await did('bea', ['dislike', 'a', 1], ['like', 'b', 2], ['hide', 'b', 3], ['view', 'c', 4]);
    await did(
      'cem',
      ['like', 'a', 1],
      ['dislike', 'a', 2],
      ['heart', 'a', 3],
      ['dislike', 'b', 4],
      ['view', 'b', 5],
    );
    await did('dan', ['hide', 'a', 1], ['like', 'a', 2]);
    t.same(await read(t, 'image'), [['c:1', 'b:0.3', 'a:1'], ['c:0.3'], ['a:1']]);
    const log = await events.interactionLog('image');
    t.same(
      [...log.times].slice(0, 3),
      [3, 5, 9].map((minute) => 1.7e12 + minute * 60_000),
    );
  },
);

t.test('items the catalogue does not know yet count, deleted ones do not', async (t) => {
  t.same((await events.interactionLog('model')).users, 1);
  await did('eve', ['like', 'gone', 1], ['like', 'unknown', 2]);
  await catalog.remove('image', 'gone');
  const rows = await read(t, 'image');
  t.equal(rows.at(-1)!.length, 1);
});

t.test('people who asked to be left out of training are', async (t) => {
  const before = await read(t, 'image');
  await events.putPreferences('ann', { excludeFromTraining: true });
  t.same(await read(t, 'image'), before.slice(1));
  await events.putPreferences('ann', { excludeFromTraining: false });
  t.same(await read(t, 'image'), before);
});

t.test('where most of the log has no times, times are steps', async (t) => {
  const imported = Array.from({ length: 3000 }, (_, n) => ({
    ...event(`file-${n % 30}`, `s${Math.floor(n / 30)}`, { occurredAt: new Date(n * 60_000).toISOString() }),
    synthetic: true,
  }));
  await events.ingestImported(imported);
  const log = await events.interactionLog('image');
  t.equal(log.syntheticTime, true);
  t.equal(log.columns.length, 3000 + 6);
  for (let user = 0; user < log.users; user++)
    t.same(
      [...log.times.slice(log.offsets[user], log.offsets[user + 1])],
      Array.from({ length: log.offsets[user + 1]! - log.offsets[user]! }, (_, n) => n),
    );
});
