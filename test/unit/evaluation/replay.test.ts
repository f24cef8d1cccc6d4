import t from 'tap';
import { evaluateLog, type LogParts, logSplits } from '../../../src/evaluation/index.ts';
import type { Deeds } from '../../../src/events/index.ts';
import type { StateEvent } from '../../../src/events/types.ts';
import type { Pipeline, Source } from '../../../src/recommend/index.ts';
import { plantedPlatform } from '../../support/planted-platform.ts';

const HOUR = 3_600_000;
const RING = 60;
const IDS = Array.from({ length: RING }, (_, n) => `i${n}`);
/** Hours from which on things are asked about. */
const CUT = 100;

/** Everybody likes two items a visit, walking on around a ring; a visit is an hour or more after the last one. */
const people: Deeds[] = Array.from({ length: 40 }, (_, user) => ({
  user: user + 1,
  id: `u${user}`,
  deeds: Array.from({ length: 8 }, (_, visit): StateEvent[] =>
    [0, 1].map((n) => ({
      item: ((user * 7 + visit * 2 + n) % RING) + 1,
      type: 'like',
      at: (visit * 20 + user / 10) * HOUR + n * 1000,
    })),
  ).flat(),
}));
const platform = plantedPlatform(IDS, people);
const options = {
  ...{ kind: 'image' as const, cut: { at: CUT * HOUR }, k: 10, seed: 1, periods: 2 },
  recommenders: ['popularity', 'markov', 'pipeline'],
};

t.test('each visit is asked about as of before it, with what was learned before its period', async (t) => {
  const splits = await logSplits(platform, 'image', options.cut, { mode: 'visits', periods: 2 });
  t.equal(splits.length, 2);
  for (const split of splits) {
    t.ok(split.questions.length > 0);
    t.ok(split.log!.times.every((time) => time < split.at));
    for (const { at, state, targets } of split.questions) {
      t.ok(at! >= split.at);
      t.ok(state!.recent.every((deed) => deed.at < at!));
      t.equal(targets.length, 2);
    }
  }
  // Visits 5, 6 and 7 of 40 people lie after hour 100.
  t.equal(splits[0]!.questions.length + splits[1]!.questions.length, 120);
});

t.test('an item is there from its first event on, and not before', async (t) => {
  const late: Deeds = {
    ...{ user: 41, id: 'late' },
    deeds: [
      { item: 1, type: 'like', at: 0 },
      { item: RING + 1, type: 'like', at: 130 * HOUR },
    ],
  };
  const withLate = plantedPlatform([...IDS, 'late'], [...people, late]);
  const splits = await logSplits(withLate, 'image', options.cut, { mode: 'visits', periods: 1 });
  const column = splits[0]!.ids.indexOf('late');
  for (const { at, seen } of splits[0]!.questions) t.equal(seen!.includes(column), at! < 130 * HOUR);
});

t.test('the pipeline finds the way around the ring, and was tried for looking ahead', async (t) => {
  const { protocol, recommenders } = await evaluateLog(platform, options);
  t.match(protocol, {
    name: 'replay',
    users: 40,
    questions: 120,
    audited: 5,
    at: '1970-01-05T04:00:00.000Z',
  });
  t.equal(recommenders.pipeline!['HR@10'], 1);
  t.ok(recommenders.pipeline!['NDCG@10']! > 2 * recommenders.popularity!['NDCG@10']!);
});

/** Brings what the person will like next, before anything else. */
const clairvoyant = (served: Pipeline, { events }: LogParts): Pipeline => {
  const source: Source = {
    name: 'similar',
    deadline: 60_000,
    async find({ user, now }) {
      const { deeds } = (await events.deeds()).find(({ id }) => id === user.id)!;
      return deeds
        .filter(({ at }) => at >= now)
        .map(({ item }) => ({ item, score: 1, features: { similar: 1 } }));
    },
  };
  return { ...served, sources: [source, ...served.sources.filter(({ name }) => name !== 'similar')] };
};

t.test('a source that reads the future is caught', async (t) => {
  await t.rejects(evaluateLog(platform, { ...options, change: clairvoyant }), {
    ...{ code: 'look-ahead', status: 422, message: /^The list of u\d+ as of 1970/ },
  });
});

t.test('a source that reads the same log up to its time is not', async (t) => {
  const historian = (served: Pipeline, { events }: LogParts): Pipeline => ({
    ...served,
    sources: [
      ...served.sources,
      {
        name: 'historian',
        deadline: 60_000,
        async find({ now }) {
          const all = (await events.deeds()).flatMap(({ deeds }) => deeds);
          return all
            .filter(({ at }) => at < now)
            .slice(-20)
            .map(({ item }) => ({ item, score: 1 }));
        },
      },
    ],
  });
  const { protocol } = await evaluateLog(platform, { ...options, change: historian });
  t.equal(protocol.audited, 5);
});

t.test('a log that holds what came later is caught before anything learns from it', async (t) => {
  const { events } = platform;
  const careless = { ...events, interactionLog: (kind: 'image' | 'model') => events.interactionLog(kind) };
  await t.rejects(evaluateLog({ ...platform, events: careless }, options), { code: 'look-ahead' });
});

t.test('without replaying, everybody is asked once, at the moment', async (t) => {
  const { protocol, recommenders } = await evaluateLog(platform, { ...options, periods: undefined });
  t.match(protocol, { name: 'temporal', users: 40, questions: 40 });
  t.equal(recommenders.pipeline!['HR@10'], 1);
});
