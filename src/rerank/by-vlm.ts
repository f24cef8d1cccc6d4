import { createHash } from 'node:crypto';
import { bulkhead } from 'cockatiel';
import { LRUCache } from 'lru-cache';
import type { ItemKind, ItemRef } from '../catalog/types.ts';
import type { Database } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { Sendable } from '../images/index.ts';
import type { Log } from '../log.ts';
import type { TopOfList } from '../recommend/types.ts';
import type { Preference, Taste } from '../taste/index.ts';
import type { ToxicityScorer } from '../text/index.ts';
import type { Vlm } from '../vlm/index.ts';
import { likenessOf } from './attributes.ts';
import { type Calibration, learnedFrom, RECENT, UNHEARD } from './calibration.ts';
import { faultOfReason } from './check.ts';
import { readShown } from './items.ts';
import type { Looks } from './looks.ts';
import { PROMPT, type Preferred, type ShownItem } from './prompt.ts';
import { readLessons, readVerdicts, storeVerdicts } from './store.ts';
import type { Purpose, Verdict, Verdicts } from './types.ts';
import { RANKING, type Ranking, type RankOptions, rankByVlm } from './vlm-ranker.ts';

/** Rankings made at once, and how many may wait: what is more is asked for again by the next list. */
const AT_ONCE = 2;
const WAITING = 100;
const PEOPLE = 5_000;
/** Share of a list's top that a ranking must know. */
const COVERED = 0.9;
/** What could not be ranked is not tried again at once. */
const REST_MS = 30_000;
/**
 * Where no order would be listened to the list is asked about once, for a sentence an item: two calls for twenty items.
 * The anchors stay, for with them such a list teaches of the model what any other does.
 */
const ASKING: Record<Purpose, RankOptions> = { order: RANKING, reasons: { ...RANKING, orders: 1 } };
const NOTHING_YET: Verdicts = {
  ...{ digest: '', version: '', verdicts: [], conviction: 0, lesson: UNHEARD, problem: null },
  purpose: 'reasons',
};

export type VlmRanker = {
  version: string;
  /** A ranking in memory, or after one read of a row, that holds for this taste, these items and this purpose. */
  known(top: TopOfList, taste: Taste, purpose: Purpose): Verdicts | null | Promise<Verdicts | null>;
  /** Made in the background, once at a time for one person and kind. @throws HamletError */
  made(top: TopOfList, taste: Taste, looks: Looks, purpose: Purpose): Promise<Verdicts>;
  close(): Promise<void>;
};

export function openVlmRanker(parts: {
  vlm: Vlm;
  db: Database;
  sendable: Sendable;
  toxicity: ToxicityScorer;
  log: Log;
}): VlmRanker {
  const { vlm, db, sendable, toxicity, log } = parts;
  const version = `vlm/${vlm.model}/${PROMPT}`;
  const cache = new LRUCache<string, Verdicts>({ max: PEOPLE });
  const failed = new LRUCache<string, HamletError>({ max: PEOPLE, ttl: REST_MS });
  const underWay = new Map<string, Promise<Verdicts>>();
  const queue = bulkhead(AT_ONCE, WAITING);
  const closing = new AbortController();
  const calibrations = new Map<ItemKind, Calibration>();
  const nameOf = ({ user, kind }: TopOfList) => `${user.user}/${kind}`;
  const digestOf = (taste: Taste) =>
    createHash('sha256').update(`${version}/${taste.digest}`).digest('hex').slice(0, 32);

  /** Of this model and kind: what this process has learned since, on top of what was stored when it began. */
  async function calibrationOf(kind: ItemKind): Promise<Calibration> {
    if (!calibrations.has(kind)) {
      const lessons = await readLessons(db, kind, version, RECENT);
      const stored = lessons.reduce(learnedFrom, UNHEARD);
      // Another ranking may have read them meanwhile, and learned more.
      if (!calibrations.has(kind)) calibrations.set(kind, stored);
    }
    return calibrations.get(kind)!;
  }

  async function make(top: TopOfList, taste: Taste, looks: Looks, purpose: Purpose): Promise<Verdicts> {
    const { kind, user } = top;
    const items = top.items.map(({ item }) => item);
    const shown = await readShown(db, kind, items, sendable, closing.signal);
    if (shown.length < 2) throw new HamletError('pictures-unseen', 503, 'The pictures cannot be read.');
    await top.load(shown.flatMap(({ seen }) => seen));
    const likeness = likenessOf(shown, taste, looks.vocabulary, looks.vectorOf);
    const options = { ...ASKING[purpose], likeness, known: await calibrationOf(kind) };
    const ranking = await rankByVlm(vlm, taste.preferences.map(wordsOf), shown, options, closing.signal);
    const verdicts = await Promise.all(
      items.map((item) => verdictOn(item, shown, ranking, { taste, looks, toxicity })),
    );
    const { conviction, lesson } = ranking;
    calibrations.set(kind, learnedFrom(await calibrationOf(kind), lesson));
    const problem = ranking.failures[0] ?? null;
    const made = { digest: digestOf(taste), version, verdicts, purpose, conviction, lesson, problem };
    log.debug(
      { user: user.user, calls: ranking.calls, tokens: ranking.tokens, failures: ranking.failures },
      'ranked',
    );
    // A part is better than nothing, but is asked for again.
    cache.set(nameOf(top), made, made.problem === null ? {} : { ttl: REST_MS });
    if (made.problem === null) await storeVerdicts(db, user.user, kind, made);
    return made;
  }

  return {
    version,
    known(top, taste, purpose) {
      const digest = digestOf(taste);
      const fits = (found: Verdicts | null | undefined) =>
        found?.digest === digest &&
        (purpose === 'reasons' || found.purpose !== 'reasons') &&
        covers(
          found,
          top.items.map(({ item }) => item),
        )
          ? found
          : null;
      const name = nameOf(top);
      const inMemory = cache.get(name);
      if (inMemory !== undefined) return fits(inMemory);
      return readVerdicts(db, top.user.user, top.kind).then((found) => {
        cache.set(name, found ?? NOTHING_YET);
        return fits(found);
      });
    },
    made(top, taste, looks, purpose) {
      const name = nameOf(top);
      const begun = underWay.get(name);
      if (begun !== undefined) return begun;
      const before = failed.get(name);
      if (before !== undefined) return Promise.reject(before);
      const work = queue
        .execute(() => make(top, taste, looks, purpose), closing.signal)
        .catch((error: unknown) => {
          const failure = asHamletError(error);
          failed.set(name, failure);
          throw failure;
        })
        .finally(() => underWay.delete(name));
      underWay.set(name, work);
      return work;
    },
    async close() {
      closing.abort();
      await Promise.allSettled(underWay.values());
    },
  };
}

const asHamletError = (error: unknown): HamletError =>
  error instanceof HamletError
    ? error
    : new HamletError('rerank-failed', 503, 'The list was not ranked.', { cause: error });

const wordsOf = ({ id, text, likes, avoids }: Preference): Preferred => ({
  ...{ id, text, likes: likes.map(({ name }) => name), avoids: avoids.map(({ name }) => name) },
});

function covers({ verdicts }: Verdicts, items: readonly ItemRef[]): boolean {
  const judged = new Set(verdicts.map(({ item }) => item));
  return items.filter((item) => judged.has(item)).length >= COVERED * items.length;
}

async function verdictOn(
  item: ItemRef,
  shown: readonly ShownItem[],
  ranking: Ranking,
  about: { taste: Taste; looks: Looks; toxicity: ToxicityScorer },
): Promise<Verdict> {
  const id = String(item);
  const found = ranking.items.find((one) => one.id === id);
  const verdict = {
    ...{ item, score: found?.score ?? null, disagreement: found?.disagreement ?? null },
    ...{ reason: '', attributes: [], preferences: [] },
  };
  for (const said of ranking.said.get(id) ?? []) {
    if ((await faultOfReason(said, shown.find((one) => one.id === id)!, about)) !== null) continue;
    const { reason, attributes, preferences } = said;
    return { ...verdict, reason, attributes, preferences };
  }
  return verdict;
}
