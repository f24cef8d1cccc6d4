import t from 'tap';
import type { Definition } from '../../../src/experiments/index.ts';
import { reportOn } from '../../../src/experiments/report/index.ts';
import { testDatabase } from '../../support/database.ts';
import { definition, experiment } from '../../support/experiments.ts';
import { type PlantedList, plantLog } from '../../support/planted-log.ts';

const STARTED = Date.UTC(2026, 5, 1);
const at = (minutes: number) => new Date(STARTED + minutes * 60_000);
const HOUR = 60;
let tests = 0;

/** Lists of one experiment of its own, and its report. */
async function reportOf(
  lists: (Omit<PlantedList, 'variant'> & { variant?: string })[],
  change: Partial<Definition> = {},
) {
  const key = `case-${++tests}`;
  await plantLog(
    db,
    lists.map((list) => ({ ...list, variant: `${key}@1:${list.variant ?? 'control'}` })),
  );
  const about = { key, startedAt: at(0).toISOString(), endedAt: at(60 * 24 * 30).toISOString() };
  const metrics = { primary: 'ctr', secondary: ['like-rate', 'sessions', 'time-to-first-like', 'latency'] };
  return reportOn(db, experiment({ ...about, definition: definition({ metrics, ...change }) }));
}
const db = await testDatabase(t);
type Report = Awaited<ReturnType<typeof reportOf>>;
const value = (report: Report, metric: string, of: 'control' | 'value' = 'value') =>
  report.metrics.find((one) => one.metric === metric)!.plain[of];
/** Two people in each variant, so that there is something to compare. */
const both = (deeds: PlantedList['deeds'], person = 'p') => [
  ...[1, 2].map((n) => ({ person: `${person}${n}-${tests}`, at: at(n) })),
  ...[3, 4].map((n) => ({ person: `${person}${n}-${tests}`, at: at(n), variant: 'diverse', deeds })),
];

t.test('zero traffic has a report that says so', async (t) => {
  const report = await reportOf([]);
  t.same(report.people, []);
  t.match(report.verdicts, [{ decision: 'no data', variant: 'diverse' }]);
  t.equal(report.sampleRatio.p, 1);
});

t.test('one person has a report that says so', async (t) => {
  const report = await reportOf([{ person: 'alone', at: at(1) }]);
  t.match(report.people, [{ seen: 1, kept: 1 }]);
  t.match(report.verdicts, [{ decision: 'no data' }]);
});

t.test('a click counts for its list, once, and only within the window', async (t) => {
  const twice = await reportOf(both([{ type: 'click' }, { type: 'click', after: 2 }], 'twice'));
  t.equal(value(twice, 'ctr'), 1 / 20, 'the same deed twice is one');
  const items = await reportOf(both([{ type: 'click' }, { type: 'click', item: 2 }], 'items'));
  t.equal(value(items, 'ctr'), 2 / 20);
  const late = await reportOf(both([{ type: 'click', after: 25 * HOUR }], 'late'));
  t.equal(value(late, 'ctr'), 0);
  t.equal(late.lostEvents.late, 2);
  const longer = await reportOf(both([{ type: 'click', after: 25 * HOUR }], 'longer'), {
    attributionHours: 48,
  });
  t.equal(value(longer, 'ctr'), 1 / 20);
});

t.test('an event before its exposure counts for nothing, but clocks may differ by minutes', async (t) => {
  const early = await reportOf(both([{ type: 'click', after: -30, received: 1 }], 'early'));
  t.equal(value(early, 'ctr'), 0);
  t.equal(early.lostEvents.early, 2);
  const skewed = await reportOf(both([{ type: 'click', after: -3, received: 1 }], 'skewed'));
  t.equal(value(skewed, 'ctr'), 1 / 20);
  const ahead = await reportOf(both([{ type: 'click', after: 30 * HOUR, received: 2 }], 'ahead'));
  t.equal(value(ahead, 'ctr'), 1 / 20, 'a clock that is ahead is cut to when the event came in');
});

t.test('an event that names somebody else’s list counts for nothing', async (t) => {
  const foreign = await reportOf(both([{ type: 'click', by: 'stranger' }], 'foreign'));
  t.equal(value(foreign, 'ctr'), 0);
  t.equal(foreign.lostEvents.foreign, 2);
});

t.test('a person on two devices is one person, whose sessions are told apart by silence', async (t) => {
  const device = (minutes: number) => ({ person: 'two-devices', at: at(minutes), variant: 'diverse' });
  const report = await reportOf([...both([], 'd'), device(10), device(11), device(50), device(200)]);
  const diverse = report.people.find(({ label }) => label.endsWith('diverse'))!;
  t.equal(diverse.seen, 3);
  t.equal(value(report, 'sessions'), (1 + 1 + 3) / 3);
});

t.test('a bot is left out and counted; the split is judged with it', async (t) => {
  const flood = Array.from({ length: 600 }, (_, n) => ({
    ...{ person: 'bot', at: new Date(STARTED + n * 5000), variant: 'diverse' },
    deeds: [{ type: 'click' as const }],
  }));
  const report = await reportOf([...both([{ type: 'click' }], 'beside-bot'), ...flood]);
  const diverse = report.people.find(({ label }) => label.endsWith('diverse'))!;
  t.match(diverse, { seen: 3, bots: 1, kept: 2 });
  t.equal(value(report, 'ctr'), 1 / 20);
  t.same(report.sampleRatio.observed, [2, 3]);
  const busy = await reportOf([
    ...both([], 'busy'),
    ...flood.slice(0, 500).map((list) => ({ ...list, person: 'reader' })),
  ]);
  t.equal(busy.people.find(({ label }) => label.endsWith('diverse'))!.bots, 0, 'five hundred an hour pass');
});

t.test('who was seen in two variants is left out of both', async (t) => {
  const report = await reportOf([
    ...both([], 'x'),
    { person: 'moved', at: at(1) },
    { person: 'moved', at: at(2), variant: 'diverse', deeds: [{ type: 'click' }] },
  ]);
  t.same(
    report.people.map(({ seen, crossed, kept }) => [seen, crossed, kept]),
    [
      [3, 1, 2],
      [3, 1, 2],
    ],
  );
  t.equal(value(report, 'ctr'), 0);
});

t.test('time to the first like is cut at the window, latency is a mean over lists', async (t) => {
  const likes = (person: string, after: number, ms: number) => ({
    ...{ person, at: at(0), variant: 'diverse', ms },
    deeds: [{ type: 'heart' as const, after }],
  });
  const report = await reportOf([
    ...both([], 'time').slice(0, 2),
    likes('soon', 60, 4),
    likes('never', 60 * 30, 8),
  ]);
  t.equal(value(report, 'time-to-first-like'), (1 + 24) / 2);
  t.equal(value(report, 'time-to-first-like', 'control'), 24);
  t.equal(value(report, 'latency'), 6);
});

t.test('a broken split blocks the verdict, whatever the difference', async (t) => {
  const many = (variant: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({
      ...{ person: `${variant}-${n}-split`, at: at(n % 100), variant },
      deeds: variant === 'diverse' ? [{ type: 'click' as const }] : [],
    }));
  const report = await reportOf([...many('control', 600), ...many('diverse', 400)]);
  t.ok(report.sampleRatio.p < 1e-6);
  t.match(report.verdicts, [{ decision: 'blocked', reasons: [/600 : 400/u] }]);
});
