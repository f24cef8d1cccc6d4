import { type Draw, drawFrom, seedFrom } from '../draw.ts';
import type { Picture } from '../images.ts';
import type { Person } from '../people.ts';
import type { WorldSize } from '../sizes.ts';
import { Client } from './client.ts';
import { picturesOf, visitorsOf } from './people.ts';
import { comesBack, lookThrough, wantsMore } from './visit.ts';

export type TrafficOptions = {
  url: string;
  key?: string;
  world: WorldSize;
  visitors: number;
  days: number;
  seed: number;
  surface: string;
  /** Requests under way at once. */
  connections: number;
};
type Tally = {
  lists: number;
  shown: number;
  unknown: number;
  looked: number;
  likes: number;
  affinity: number;
};
export type TrafficReport = {
  visitors: number;
  sessions: number;
  lists: number;
  events: number;
  seconds: number;
  listsPerSecond: number;
  latencyMs: { p50: number; p99: number };
  /** Answers other than 200, by status. */
  refused: Record<string, number>;
  /** Share of what was shown that this world has not: above 0, the service holds other things than its pictures. */
  unknownShare: number;
  /** The planted truth by variant: mean affinity of what was looked at. Nothing of it reaches the service. */
  byVariant: Record<string, Tally & { meanAffinity: number }>;
};

const PAGE = 20;
/** Pages one after the other before the best of sessions ends. */
const MOST_PAGES = 8;
const HOURS_BETWEEN = [2, 14] as const;
/** The visitors' tastes are those at the end of the world's year. */
const AT = 1;

/**
 * Days of the demo world's people against a running service, over HTTP, as fast as it answers: in the order
 * of the days' hours they come, look through pages with position bias, click, like, hide, ask for more, come
 * back later or stay away, each by their planted taste. The same seed makes the same people and moods;
 * what they are shown is the service's affair.
 */
export async function simulateTraffic(
  options: TrafficOptions,
  progress: (fraction: number, note?: string) => void = () => {},
): Promise<TrafficReport> {
  const pictures = picturesOf(options.world);
  const people = visitorsOf(options.world, options.visitors, options.seed);
  const client = new Client(options.url, options.key);
  const hours = options.days * 24;
  const moods = people.map((person) => drawFrom(seedFrom('visitor', options.seed, person.id)));
  const waiting = people.map((_, who) => ({ who, at: moods[who]!.between(0, hours) }));
  const byVariant = new Map<string, Tally>();
  let [sessions, events] = [0, 0];
  const began = performance.now();

  async function session(who: number): Promise<boolean> {
    const [person, draw] = [people[who]!, moods[who]!];
    let likes = 0;
    sessions++;
    for (let page = 0; page < MOST_PAGES; page++) {
      const done = await visitPage(client, person, pictures, draw, options.surface, byVariant);
      if (done === null) break;
      events += done.events;
      likes += done.visit.likes;
      if (!wantsMore(done.visit, draw)) break;
    }
    return comesBack(likes, draw);
  }

  async function live(): Promise<void> {
    for (let next = takeEarliest(waiting); next; next = takeEarliest(waiting)) {
      progress(next.at / hours, `hour ${next.at.toFixed(0)}`);
      const returns = await session(next.who);
      const at = next.at + moods[next.who]!.between(...HOURS_BETWEEN);
      if (returns && at < hours) waiting.push({ who: next.who, at });
    }
  }

  await Promise.all(Array.from({ length: options.connections }, live));
  const seconds = (performance.now() - began) / 1000;
  return reportOf(options, client, byVariant, { sessions, events, seconds });
}

async function visitPage(
  client: Client,
  person: Person,
  pictures: Map<string, Picture>,
  draw: Draw,
  surface: string,
  byVariant: Map<string, Tally>,
) {
  const shown = await client.list(person.id, surface, PAGE);
  if (shown === null) return null;
  const page = shown.ids.map((id) => pictures.get(id));
  const visit = lookThrough(person, page, AT, draw);
  const events = await client.tell(person.id, shown.recommendationId, visit.deeds);
  const tally = byVariant.get(shown.variant) ?? {
    ...{ lists: 0, shown: 0, unknown: 0, looked: 0, likes: 0, affinity: 0 },
  };
  byVariant.set(shown.variant, {
    lists: tally.lists + 1,
    shown: tally.shown + page.length,
    unknown: tally.unknown + page.filter((picture) => picture === undefined).length,
    looked: tally.looked + visit.looked,
    likes: tally.likes + visit.likes,
    affinity: tally.affinity + visit.affinity,
  });
  return { visit, events };
}

function takeEarliest(waiting: { who: number; at: number }[]) {
  let best = 0;
  for (let n = 1; n < waiting.length; n++) if (waiting[n]!.at < waiting[best]!.at) best = n;
  const [taken] = waiting.splice(best, 1);
  return taken;
}

function reportOf(
  { visitors }: TrafficOptions,
  { latencies, refused }: Client,
  byVariant: Map<string, Tally>,
  done: { sessions: number; events: number; seconds: number },
): TrafficReport {
  const sorted = Float64Array.from(latencies).sort();
  const sum = (name: keyof Tally) => [...byVariant.values()].reduce((all, tally) => all + tally[name], 0);
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return {
    ...{
      visitors,
      sessions: done.sessions,
      lists: sorted.length,
      events: done.events,
      seconds: round(done.seconds),
    },
    listsPerSecond: round(sorted.length / done.seconds),
    latencyMs: { p50: at(0.5), p99: at(0.99) },
    refused: Object.fromEntries(refused),
    unknownShare: round(sum('unknown') / Math.max(1, sum('shown'))),
    byVariant: Object.fromEntries(
      [...byVariant].map(([variant, tally]) => [
        variant,
        { ...tally, meanAffinity: tally.looked === 0 ? 0 : tally.affinity / tally.looked },
      ]),
    ),
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;
