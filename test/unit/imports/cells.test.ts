import fc from 'fast-check';
import t from 'tap';
import { csvFields } from '../../../src/imports/csv.ts';
import { eventIdOf } from '../../../src/imports/event-id.ts';
import { flagOf, idOf, instantOf, listOf, numberOf } from '../../../src/imports/imagegem/fields.ts';
import { isCleanText } from '../../../src/text/index.ts';

t.test('what is quoted by the rules comes back as it was; a quote left open is no line', async (t) => {
  const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(
      fc.array(
        fc.string().map((s) => s.replace(/[\r\n]/g, ' ')),
        { minLength: 1 },
      ),
      (fields) => {
        t.same(csvFields(fields.map(quoted).join(',')), fields);
      },
    ),
    { numRuns: 200 },
  );
  t.same(csvFields('a,,c'), ['a', '', 'c']);
  t.equal(csvFields('a,"b'), null);
  t.equal(csvFields('"a"b,c'), null);
});

t.test('an id is the same however a writer left its number', async (t) => {
  for (const cell of [42n, 42, '42', '42.0', ' 42 ']) t.equal(idOf(cell), '42');
  for (const cell of [
    null,
    undefined,
    '',
    1.5,
    2 ** 60,
    Number.NaN,
    'x'.repeat(257),
    'a\u0000',
    '\ud800',
    {},
  ])
    t.equal(idOf(cell), undefined, String(cell).slice(0, 20));
});

t.test('flags, numbers and lists are read as any writer has them', async (t) => {
  t.same([true, 1, 1n, 'True', '1'].map(flagOf), [true, true, true, true, true]);
  t.same([false, 0, 'false', '0'].map(flagOf), [false, false, false, false]);
  t.same([null, 'maybe', Number.NaN].map(flagOf), [undefined, undefined, undefined]);
  t.same([3n, '2.5', Number.POSITIVE_INFINITY, 'x', ''].map(numberOf), [
    3,
    2.5,
    undefined,
    undefined,
    undefined,
  ]);
  t.same(listOf('ink,  brush, ,style'), ['ink', 'brush', 'style']);
});

t.test('times are instants between 1970 and tomorrow; without a zone they are UTC', async (t) => {
  const noon = '2024-03-01T12:00:00.000Z';
  for (const cell of [new Date(noon), noon, '2024-03-01 12:00:00', '2024-03-01 14:00:00+02:00'])
    t.equal(instantOf(cell), noon);
  for (const cell of ['9999-01-01', '1969-12-31', 'never', 5, null, new Date(Number.NaN)])
    t.equal(instantOf(cell), undefined);
});

t.test('event ids are short, clean, and differ where rows differ', async (t) => {
  const long = 'x'.repeat(300);
  t.equal(eventIdOf('ml', 'ann', 3), 'ml:ann:3');
  t.not(eventIdOf(long, 'ann', 3), eventIdOf(long, 'ann', 4));
  t.ok(eventIdOf(`${'🏰'.repeat(200)}`, 1).length <= 256 && isCleanText(eventIdOf('🏰'.repeat(200), 1)));
});
