import { createHash } from 'node:crypto';
import { bulkhead } from 'cockatiel';
import { LRUCache } from 'lru-cache';
import { levelFor } from '../catalog/index.ts';
import type { ItemRef } from '../catalog/types.ts';
import type { Events } from '../events/index.ts';
import type { UserState } from '../events/types.ts';
import type { Log } from '../log.ts';
import { describe, type History } from './describe.ts';
import { likedPictures, readHistory } from './history.ts';
import { keepVocabulary, type VocabularyKeeper } from './keeper.ts';
import { checkStated, preferencesOf } from './stated.ts';
import { readTaste, type Stored, storeStated, storeTaste } from './store.ts';
import { type ToldTaste, toldTaste } from './told.ts';
import type { Describer, Preference, StatedPreference, Taste, Vocabulary } from './types.ts';
import type { Parts as VocabularyParts } from './vocabulary.ts';

/** Descriptions made at once, and how many may wait; more are left for the next request. */
const AT_ONCE = 1;
const WAITING = 200;
const PEOPLE = 10_000;
/** Share of the liked pictures that may have changed before a taste is described anew (Jaccard). */
const DRIFT = 0.15;
/** A description that had to do without the model is tried again after so long. */
const AGAIN_MS = 300_000;
/** What another replica has described is seen after so long. */
const FRESH_MS = 60_000;

/** Puts preferences into better words than a template; @throws HamletError, then the template's stay. */
export type Describe = {
  source: Describer;
  version: string;
  describe(
    history: History,
    drafts: Preference[],
    vocabulary: Vocabulary,
    signal?: AbortSignal,
  ): Promise<Preference[]>;
};

export type Tastes = {
  /** Known now, or after one read of a row; null: nothing to tell yet, a description may be under way. */
  of(user: UserState): Taste | null | Promise<Taste | null>;
  /** The same, but waits for a description that is missing. */
  described(user: UserState): Promise<Taste | null>;
  /** @param maxLevel evidence above it is not named */
  told(userId: string, maxLevel: number): Promise<ToldTaste>;
  /** @throws HamletError `text-unsafe` (400) */
  state(userId: string, stated: StatedPreference[] | null): Promise<void>;
  vocabulary(): Vocabulary | null;
  /** What is being described is finished or given up. */
  close(): Promise<void>;
};

type Known = Stored & { seq: number; at: number; taste: Taste | null };

export function openTastes(
  parts: VocabularyParts & {
    events: Pick<Events, 'freshness' | 'state'>;
    log: Log;
    describer?: Describe;
  },
): Tastes {
  const { db, catalog, events, toxicity, describer, log } = parts;
  const vocabulary = keepVocabulary(parts, log);
  const known = new LRUCache<number, Known>({ max: PEOPLE });
  const underWay = new Map<number, Promise<Taste | null>>();
  const queue = bulkhead(AT_ONCE, WAITING);
  const closing = new AbortController();

  async function read(user: UserState): Promise<Known> {
    const stored = await readTaste(db, user.user);
    return keep(user, stored);
  }

  async function keep(user: UserState, stored: Stored): Promise<Known> {
    const taste =
      stored.stated === null ? stored.machine : await tasteStated(user, stored.stated, vocabulary);
    const entry = { ...stored, taste, seq: user.seq, at: Date.now() };
    known.set(user.user, entry);
    return entry;
  }

  function ofUser(user: UserState): Taste | null | Promise<Taste | null> {
    if (user.user === 0) return null;
    const entry = known.get(user.user);
    const current = (found: Known) => {
      if (isDue(found, user)) describeSoon(user);
      return found.taste;
    };
    if (entry?.seq === user.seq && Date.now() - entry.at < FRESH_MS) return current(entry);
    return read(user).then(current);
  }

  const version = () => describer?.version ?? vocabulary.current()?.version ?? '';
  function isDue({ machine }: Stored, user: UserState): boolean {
    const liked = likedPictures(user, catalog);
    if (liked.length === 0) return false;
    if (machine === null || changed(machine.liked, liked) > DRIFT) return true;
    const wanted = version();
    return wanted !== '' && machine.madeBy !== wanted && Date.now() - Date.parse(machine.madeAt) > AGAIN_MS;
  }

  function describeSoon(user: UserState): Promise<Taste | null> {
    const begun = underWay.get(user.user);
    if (begun !== undefined) return begun;
    const work = queue
      .execute(() => describeNow(user), closing.signal)
      .catch((error: unknown) => {
        log.debug({ err: error, user: user.user }, 'a taste was not described');
        return null;
      })
      .finally(() => underWay.delete(user.user));
    underWay.set(user.user, work);
    return work;
  }

  async function describeNow(user: UserState): Promise<Taste | null> {
    const words = await vocabulary.ready();
    if (words === null) return null;
    const history = await readHistory(db, catalog, user);
    const drafts = describe(history, words);
    if (drafts.length === 0) return null;
    const made = await inBetterWords(history, drafts, words);
    const liked = likedPictures(user, catalog);
    const machine = {
      ...made,
      user: user.user,
      liked,
      digest: digestOf(made),
      madeAt: new Date().toISOString(),
    };
    await storeTaste(db, machine);
    const { stated, statedAt } = await readTaste(db, user.user);
    return (await keep(user, { machine, stated, statedAt })).taste;
  }

  async function inBetterWords(history: History, drafts: Preference[], words: Vocabulary) {
    const own = { source: 'attributes' as const, madeBy: words.version, preferences: drafts };
    if (describer === undefined) return own;
    try {
      const preferences = await describer.describe(history, drafts, words, closing.signal);
      return { source: describer.source, madeBy: describer.version, preferences };
    } catch (error) {
      log.debug({ err: error }, 'a taste keeps the words of its attributes');
      return own;
    }
  }

  /** What is old is told while it is being made anew; what is missing is waited for. */
  async function toTell(user: UserState): Promise<Stored & { taste: Taste | null }> {
    const entry = await read(user);
    if (user.user === 0 || !isDue(entry, user)) return entry;
    const work = describeSoon(user);
    if (entry.taste !== null) return entry;
    await work;
    return read(user);
  }

  return {
    of: ofUser,
    async described(user) {
      // After a start a stored taste may be known before the words that it is read by.
      const [taste] = await Promise.all([ofUser(user), vocabulary.ready()]);
      return taste ?? underWay.get(user.user) ?? null;
    },
    async told(userId, maxLevel) {
      const user = await events.state(userId, await events.freshness(userId));
      return toldTaste(userId, await toTell(user), catalog, levelFor(maxLevel, user.preferences.maxLevel));
    },
    async state(userId, stated) {
      if (stated !== null) await checkStated(stated, toxicity);
      await storeStated(db, userId, stated);
    },
    vocabulary: vocabulary.current,
    async close() {
      closing.abort();
      await Promise.all(underWay.values());
    },
  };
}

async function tasteStated(
  user: UserState,
  stated: StatedPreference[],
  vocabulary: VocabularyKeeper,
): Promise<Taste> {
  const preferences = await preferencesOf(stated, await vocabulary.ready());
  const made = { source: 'person' as const, madeBy: 'person', preferences };
  return { ...made, user: user.user, liked: [], digest: digestOf(made), madeAt: '' };
}

const digestOf = (made: { madeBy: string; preferences: Preference[] }): string =>
  createHash('sha256')
    .update(JSON.stringify([made.madeBy, made.preferences]))
    .digest('hex')
    .slice(0, 32);

function changed(before: readonly ItemRef[], now: readonly ItemRef[]): number {
  const old = new Set(before);
  const both = now.filter((item) => old.has(item)).length;
  return 1 - both / (old.size + now.length - both);
}
