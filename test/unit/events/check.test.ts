import t from 'tap';
import { type CheckedEvent, checkEvent } from '../../../src/events/check.ts';

const now = Date.parse('2026-05-01T12:00:00Z');
const good = {
  eventId: 'e1',
  userId: 'ann',
  itemKind: 'image',
  itemId: '42',
  type: 'like',
  occurredAt: '2026-05-01T10:00:00Z',
};
const codeOf = (change: object) => {
  const checked = checkEvent({ ...good, ...change }, now);
  return 'code' in checked ? checked.code : 'accepted';
};
const digestOf = (change: object) => (checkEvent({ ...good, ...change }, now) as CheckedEvent).digest;

t.test('a whole event is accepted and read', async (t) => {
  const list = '0198C0DE-0000-7000-8000-000000000001';
  t.match(checkEvent({ ...good, recommendationId: list, position: 3 }, now), {
    eventId: 'e1',
    type: 5,
    at: Date.parse(good.occurredAt),
    recommendationId: list.toLowerCase(),
    position: 3,
    synthetic: false,
  });
  t.equal(codeOf({ recommendationId: undefined, position: undefined }), 'accepted');
});

t.test('each fault has its own code', async (t) => {
  for (const [change, code] of [
    [{ eventId: '' }, 'event-id-invalid'],
    [{ eventId: 'x'.repeat(257) }, 'event-id-invalid'],
    [{ eventId: 7 }, 'event-id-invalid'],
    [{ userId: 'a\0b' }, 'user-id-invalid'],
    [{ userId: '\ud800' }, 'user-id-invalid'],
    [{ itemKind: 'video' }, 'item-kind-invalid'],
    [{ itemId: null }, 'item-id-invalid'],
    [{ type: 'adore' }, 'type-invalid'],
    [{ type: 'constructor' }, 'type-invalid'],
    [{ occurredAt: '2026-05-02T12:00:01Z' }, 'occurred-in-future'],
    [{ occurredAt: '9999-12-31T23:59:59Z' }, 'occurred-in-future'],
    [{ occurredAt: 'yesterday' }, 'occurred-at-invalid'],
    [{ recommendationId: 'not-a-uuid' }, 'recommendation-id-invalid'],
    [{ position: -1 }, 'position-invalid'],
    [{ position: 1.5 }, 'position-invalid'],
    [{ position: 10_000 }, 'position-invalid'],
    [{ position: Number.NaN }, 'position-invalid'],
    [{ synthetic: true }, 'unknown-field'],
    [{ colour: 'red' }, 'unknown-field'],
  ] as const)
    t.equal(codeOf(change), code, JSON.stringify(change).slice(0, 60));
  for (const raw of [null, undefined, 7, 'like', [], [good]])
    t.same(checkEvent(raw, now), { code: 'event-not-an-object' });
});

t.test('up to a day ahead is a clock that runs fast', async (t) => {
  t.equal(codeOf({ occurredAt: '2026-05-02T12:00:00Z' }), 'accepted');
});

t.test('an instant before 1970 or of no real day is refused', async (t) => {
  for (const occurredAt of ['1969-12-31T23:59:59Z', '2023-02-29T00:00:00Z', 1714557600000])
    t.equal(codeOf({ occurredAt }), 'occurred-at-invalid', String(occurredAt));
});

t.test('the digest is of what the event says, not of how it is written', async (t) => {
  t.equal(digestOf({ occurredAt: '2026-05-01T12:00:00.000+02:00' }), digestOf({}));
  t.equal(digestOf({ recommendationId: null, position: null }), digestOf({}));
  t.equal(digestOf({ eventId: 'another' }), digestOf({}));
  const others = [
    { userId: 'bob' },
    { itemKind: 'model' },
    { itemId: '43' },
    { type: 'view' },
    { occurredAt: '2026-05-01T10:00:01Z' },
    { position: 0 },
  ];
  t.equal(new Set([{}, ...others].map(digestOf)).size, others.length + 1);
});

t.test('only an import may say that a time is synthetic', async (t) => {
  t.match(checkEvent({ ...good, synthetic: true }, now, true), { synthetic: true });
});
