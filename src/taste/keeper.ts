import type { Log } from '../log.ts';
import type { Vocabulary } from './types.ts';
import { type Parts, readVocabulary } from './vocabulary.ts';

const RENEWED_MS = 3_600_000;
const LOOK_AGAIN_MS = 10_000;

export type VocabularyKeeper = {
  /** In memory now; null: not read yet, or too few pictures have a vector. */
  current(): Vocabulary | null;
  ready(): Promise<Vocabulary | null>;
};

/** The vocabulary, read when first asked for and again when the catalogue has had an hour to change. */
export function keepVocabulary(parts: Parts, log: Log): VocabularyKeeper {
  let now: Vocabulary | null = null;
  let due = 0;
  let version = -1;
  let reading: Promise<Vocabulary | null> | undefined;

  async function read(): Promise<Vocabulary | null> {
    const began = performance.now();
    const before = parts.catalog.columns.version;
    try {
      if (before !== version) now = (await readVocabulary(parts)) ?? now;
      version = before;
      due = Date.now() + (now === null ? LOOK_AGAIN_MS : RENEWED_MS);
      log.debug({ attributes: now?.attributes.length ?? 0, ms: performance.now() - began }, 'vocabulary');
    } catch (error) {
      log.warn({ err: error }, 'the vocabulary of attributes cannot be read');
      due = Date.now() + LOOK_AGAIN_MS;
    } finally {
      reading = undefined;
    }
    return now;
  }

  const renewed = () => {
    if (Date.now() > due) reading ??= read();
    return reading;
  };
  return {
    current() {
      renewed();
      return now;
    },
    ready: async () => {
      const pending = renewed();
      return now ?? pending ?? null;
    },
  };
}
