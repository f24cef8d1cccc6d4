import t from 'tap';
import { type ColumnRow, createColumns, TAG_SEPARATOR } from '../../../src/catalog/columns-store.ts';

const row = (ref: number, over: Partial<{ id: string; status: number; level: number; tags: string }> = {}) =>
  [
    ...[ref, 1, over.id ?? `i${ref}`, over.status ?? 1, 7, over.level ?? 1, 1, 0xffffffff, 5, 1.7e9],
    over.tags ?? '',
  ] as ColumnRow;

t.test('columns hold what was set, found by ref and by name', async (t) => {
  const columns = createColumns();
  columns.set(row(3, { tags: ['castle', 'oil painting'].join(TAG_SEPARATOR) }));
  t.equal(columns.size, 4);
  t.equal(columns.refOf('image', 'i3'), 3);
  t.equal(columns.refOf('model', 'i3'), undefined);
  t.equal(columns.idOf(3), 'i3');
  t.same(columns.tagsOf(3), ['castle', 'oil painting']);
  t.equal(columns.phashHigh[3], 0xffffffff);
  t.equal(columns.created[3], 1.7e9);
});

t.test('refs nobody has are empty, also those between two items', async (t) => {
  const columns = createColumns();
  columns.set(row(5));
  for (const ref of [0, 2, 6, 1_000_000]) {
    t.same(columns.tagsOf(ref), []);
    t.equal(columns.idOf(ref), '');
  }
  t.equal(columns.kind[2], 0);
  t.equal(columns.level[2], 0);
});

t.test('an item that is not live has the blocked level, whatever the table says', async (t) => {
  const columns = createColumns();
  columns.set(row(1, { status: 0 }));
  columns.set(row(2, { status: 2 }));
  columns.set(row(3, { status: 1, level: 2 }));
  t.same([...columns.level.subarray(1, 4)], [32, 32, 2]);
});

t.test('growing keeps every value', async (t) => {
  const columns = createColumns();
  for (let ref = 1; ref <= 10_000; ref++) columns.set(row(ref, { level: 1 << (ref % 5) }));
  t.equal(columns.size, 10_001);
  const wrong = Array.from({ length: 10_000 }, (_, i) => i + 1).filter(
    (ref) => columns.level[ref] !== 1 << (ref % 5) || columns.idOf(ref) !== `i${ref}`,
  );
  t.same(wrong, []);
});

t.test('a later row of an item replaces the earlier one', async (t) => {
  const columns = createColumns();
  columns.set(row(1, { tags: 'castle' }));
  columns.set(row(1, { tags: `river${TAG_SEPARATOR}sea`, level: 8 }));
  t.same(columns.tagsOf(1), ['river', 'sea']);
  t.equal(columns.level[1], 8);
});

t.test('the version never goes back', async (t) => {
  const columns = createColumns();
  columns.advance(5);
  columns.advance(3);
  t.equal(columns.version, 5);
});
