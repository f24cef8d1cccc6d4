import fc from 'fast-check';
import t from 'tap';
import { checkpointOf, restoreCheckpoint } from '../../../src/events/checkpoints.ts';
import { applyEvent, copyState, emptyState, RECENT_LIMIT } from '../../../src/events/reducer.ts';
import { EVENT_CODE, type EventType, type StateEvent, type UserState } from '../../../src/events/types.ts';

const after = (...events: [EventType, number, number?][]): UserState => {
  const state = emptyState('ann');
  events.forEach(([type, item, at], index) => {
    applyEvent(state, { type, item, at: at ?? index });
  });
  return state;
};
const recent = (state: UserState) => state.recent.map(({ item, strength }) => [item, strength]);

t.test('a view of a liked item keeps the strength of the like and takes the time of the view', async (t) => {
  const state = after(['like', 1], ['view', 2], ['view', 1]);
  t.same(state.recent, [
    { item: 2, strength: 0.3, at: 1 },
    { item: 1, strength: 1, at: 2 },
  ]);
});

t.test('a dislike takes the item out of the history and into the disliked', async (t) => {
  const state = after(['like', 1], ['like', 2], ['dislike', 1]);
  t.same(recent(state), [[2, 1]]);
  t.same(state.disliked, [1]);
  t.same([...state.seen], [1, 2]);
});

t.test('a like takes a dislike back, a view does not', async (t) => {
  t.same(after(['dislike', 1], ['view', 1]).disliked, [1]);
  t.same(recent(after(['dislike', 1], ['view', 1])), []);
  const forgiven = after(['like', 1], ['dislike', 1], ['like', 1]);
  t.same(forgiven.disliked, []);
  t.same(recent(forgiven), [[1, 1]]);
});

t.test('a dislike forgets the strength that came before it', async (t) => {
  const state = after(['heart', 1], ['dislike', 1], ['generate', 1], ['dislike', 1], ['view', 1]);
  t.same(state.disliked, [1]);
  t.same(state.recent, []);
});

t.test('a hide stays, whatever follows', async (t) => {
  const state = after(['hide', 1], ['like', 1], ['heart', 1]);
  t.same([...state.hidden], [1]);
  t.same(state.disliked, [1]);
  t.same(state.recent, []);
});

t.test('an event that is delivered late takes its place in time', async (t) => {
  const state = after(['like', 1, 10], ['like', 2, 30], ['like', 3, 20]);
  t.same(
    state.recent.map(({ item }) => item),
    [1, 3, 2],
  );
});

t.test('ten thousand events of one item are one entry', async (t) => {
  const state = emptyState('ann');
  for (let at = 0; at < 10_000; at++) applyEvent(state, { item: 7, type: at % 2 ? 'view' : 'like', at });
  t.same(state.recent, [{ item: 7, strength: 1, at: 9999 }]);
  t.equal(state.seen.size, 1);
});

t.test('the history keeps the newest two hundred items and everything seen', async (t) => {
  const state = emptyState('ann');
  for (let item = 1; item <= 1000; item++) applyEvent(state, { item, type: 'like', at: item });
  t.equal(state.recent.length, RECENT_LIMIT);
  t.equal(state.recent[0]!.item, 801);
  t.equal(state.seen.size, 1000);
});

t.test('what was merely shown makes room for what was chosen', async (t) => {
  const state = emptyState('ann');
  applyEvent(state, { item: 1, type: 'like', at: 1 });
  applyEvent(state, { item: 2, type: 'click', at: 2 });
  for (let item = 3; item <= 1000; item++) applyEvent(state, { item, type: 'view', at: item });
  t.equal(state.recent.length, RECENT_LIMIT);
  t.same(
    state.recent.slice(0, 3).map(({ item }) => item),
    [1, 2, 803],
  );
});

const events: fc.Arbitrary<StateEvent[]> = fc.array(
  fc.record({
    item: fc.integer({ min: 1, max: 12 }),
    type: fc.constantFrom(...(Object.keys(EVENT_CODE) as EventType[])),
    at: fc.integer({ min: 0, max: 50 }),
  }),
  { maxLength: 60 },
);

t.test('a checkpoint and its tail give the same state as the whole log, wherever it is split', async (t) => {
  fc.assert(
    fc.property(events, fc.nat(), (log, cut) => {
      const whole = emptyState('ann');
      for (const event of log) applyEvent(whole, event);
      const split = emptyState('ann');
      const at = log.length === 0 ? 0 : cut % (log.length + 1);
      for (const event of log.slice(0, at)) applyEvent(split, event);
      const stored = JSON.parse(JSON.stringify(checkpointOf(split)));
      const resumed = restoreCheckpoint('ann', stored);
      for (const event of log.slice(at)) applyEvent(resumed, event);
      t.same(resumed, whole);
    }),
    { numRuns: 300 },
  );
});

t.test('no item is both in the history and disliked, and both are seen', async (t) => {
  fc.assert(
    fc.property(events, (log) => {
      const state = emptyState('ann');
      for (const event of log) applyEvent(state, event);
      const items = state.recent.map(({ item }) => item);
      t.equal(new Set(items).size, items.length);
      t.notOk(items.some((item) => state.disliked.includes(item)));
      t.ok([...items, ...state.disliked, ...state.hidden].every((item) => state.seen.has(item)));
      t.ok([...state.hidden].every((item) => state.disliked.includes(item)));
      t.ok(state.recent.every((entry, index) => index === 0 || state.recent[index - 1]!.at <= entry.at));
    }),
    { numRuns: 200 },
  );
});

t.test('a copy goes its own way', async (t) => {
  const first = after(['like', 1], ['hide', 2]);
  const before = structuredClone(first);
  const second = copyState(first);
  for (const type of ['dislike', 'hide'] as const) applyEvent(second, { item: 1, type, at: 9 });
  applyEvent(second, { item: 3, type: 'like', at: 10 });
  t.same(first, before);
});
