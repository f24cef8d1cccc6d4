import t from 'tap';
import { parseInstant } from '../../../src/text/index.ts';

t.test('an instant needs a real day, hour and zone', async (t) => {
  t.equal(parseInstant('2024-02-29T00:00:00Z'), Date.UTC(2024, 1, 29));
  t.equal(parseInstant('2024-02-29T01:00:00.123456+01:00'), Date.UTC(2024, 1, 29, 0, 0, 0, 123));
  t.equal(parseInstant('2024-02-29T00:00Z'), Date.UTC(2024, 1, 29));
  for (const text of [
    '2023-02-29T00:00:00Z',
    '2024-04-31T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-00-10T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T10:60:00Z',
    '2024-01-01T10:00:00',
    '2024-01-01',
    '2026-02-30T00:00:00Z',
    '+012024-01-01T00:00:00Z',
    '',
    ' 2024-01-01T00:00:00Z',
    1714557600000,
    null,
  ])
    t.equal(parseInstant(text), undefined, String(text));
});
