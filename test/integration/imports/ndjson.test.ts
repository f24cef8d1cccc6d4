import t from 'tap';
import { importNdjson } from '../../../src/imports/index.ts';
import { testDatabase } from '../../support/database.ts';
import { importParts, logOf, newFolder, rejectsOf, tallies, write } from '../../support/imports.ts';

const db = await testDatabase(t);
const folder = newFolder(t);
const parts = await importParts(t, db, newFolder(t));
const linesOf = (name: string, entries: unknown[]) =>
  write(
    folder,
    name,
    entries.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry))).join('\n'),
  );
const event = (eventId: string, more: Record<string, unknown> = {}) => ({
  ...{ eventId, userId: 'ann', itemKind: 'image', itemId: 'castle', type: 'like' },
  occurredAt: '2026-01-01T12:00:00Z',
  ...more,
});

t.test('items, people and events come from one file, bare or wrapped', async (t) => {
  const file = linesOf('world.ndjson', [
    { type: 'item', kind: 'image', id: 'castle', title: 'Castle', browsingLevel: 1 },
    { type: 'item', item: { kind: 'model', id: 'ink', title: 'Ink wash', browsingLevel: 1 } },
    { kind: 'image', id: 'tower', browsingLevel: 2 },
    { type: 'user', id: 'ann', attributes: { name: 'Ann' }, preferences: { hiddenTags: ['fog'] } },
    event('e-1'),
    { type: 'event', event: event('e-2', { type: 'generate', itemKind: 'model', itemId: 'ink' }) },
  ]);
  const report = await importNdjson(parts, { file });
  t.match(report, { accepted: 2, rejected: 0, items: 3, users: 1, rows: 6 });
  t.same(await logOf(db), { ann: ['like image:castle', 'generate model:ink'] });
  t.match(await parts.events.getUser('ann'), {
    attributes: { name: 'Ann' },
    preferences: { hiddenTags: ['fog'] },
  });
  t.match(await importNdjson(parts, { file }), { accepted: 0, duplicate: 2, items: 0, unchanged: 3 });
  t.match(await tallies(db), { events: 2, keys: 2, items: 3 });
});

t.test('a bad line of a name does not stand in for a good one of it', async (t) => {
  const good = { type: 'item', kind: 'image', id: 'dup-a', title: 'Good', browsingLevel: 1 };
  const bad = { type: 'item', kind: 'image', id: 'dup-a', browsingLevel: 'high' };
  const report = await importNdjson(parts, { file: linesOf('dup.ndjson', [good, bad]) });
  t.match(report, { items: 1, rejected: 1 });
  t.match(rejectsOf(report), [{ line: 2, code: 'browsing-level-invalid' }]);
  t.match(await parts.catalog.get('image', 'dup-a'), { title: 'Good' });
  t.equal(await parts.catalog.remove('image', 'dup-a'), true);
});

t.test('hostile lines are rejected one by one, each with its reason', async (t) => {
  const file = linesOf('hostile.ndjson', [
    '{"type":"item"',
    '[1,2]',
    '"text"',
    { type: 'planet', id: 'mars' },
    { type: 'item', kind: 'image', id: 'castle', colour: 'red' },
    { type: 'item', kind: 'image', id: 'bad\u0000id' },
    { type: 'item', kind: 'image', id: 'x'.repeat(10_000) },
    '{"type":"item","kind":"image","id":"\\ud800"}',
    { type: 'user', id: 7 },
    { type: 'user', id: 'bob', secret: true },
    event('e-3', { occurredAt: '9999-01-01T00:00:00Z' }),
    event('e-4', { type: 'like', itemId: '' }),
    '{"__proto__":{"type":"item"},"type":"item","kind":"image","id":"p"}',
    event('e-5', { itemId: 'not-there-yet' }),
    event('e-1', { type: 'dislike' }),
  ]);
  const report = await importNdjson(parts, { file });
  t.match(report, { accepted: 1, conflict: 1, rejected: 13 });
  t.same(
    rejectsOf(report).map(({ line, code }) => `${line} ${code}`),
    [
      ...['1 json-invalid', '2 entry-invalid', '3 entry-invalid', '4 type-invalid', '5 field-unknown'],
      ...['6 text-unclean', '7 text-too-long', '8 text-unclean', '9 user-id-invalid', '10 field-unknown'],
      ...['11 occurred-in-future', '12 item-id-invalid', '13 field-unknown'],
    ],
  );
});

t.test('an event of an item that comes later is kept and joined', async (t) => {
  t.equal(await parts.catalog.get('image', 'not-there-yet'), null);
  const file = linesOf('later.ndjson', [{ kind: 'image', id: 'not-there-yet', browsingLevel: 1 }]);
  await importNdjson(parts, { file });
  const item = await parts.catalog.get('image', 'not-there-yet');
  const { rows } = await db.pool.query('select count(*)::int as n from events where item_ref = $1', [
    item?.ref,
  ]);
  t.equal(rows[0].n, 1);
});
