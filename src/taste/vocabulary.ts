import { type Catalog, servable, UNSAFE_TEXT } from '../catalog/index.ts';
import { type ItemRef, KIND_CODE, LEVEL } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import type { ClipEncoder } from '../models/index.ts';
import type { ToxicityScorer } from '../text/index.ts';
import { presence } from './presence.ts';
import { type Described, frequentTerms } from './terms.ts';
import type { Attribute, Vocabulary } from './types.ts';
import { bestCut, deviation, dot } from './visible.ts';

/** Pictures that the vocabulary is read from, spread over the catalogue; fewer than `FEWEST` tell nothing. */
const SAMPLE = 4_000;
const FEWEST = 50;
/** Words a vocabulary tries, the share of pictures that carry one at least, and how well it must be seen. */
const TERMS = 240;
const RAREST = 0.004;
const VISIBLE_F1 = 0.65;
/** Standard deviations above the mean from which a word that no picture carries counts as shown. */
const UNKNOWN_CUT = 1.5;
const WORDS_REMEMBERED = 5_000;

export type Parts = {
  db: Database;
  catalog: Pick<Catalog, 'columns' | 'vectors'>;
  /** Null: there is nothing that sees. */
  encoder: Pick<ClipEncoder, 'id' | 'encodeText'> | null;
  toxicity: ToxicityScorer;
};

/**
 * The words of this catalogue that CLIP really sees in its pictures: each tag and prompt part is held against the
 * pictures that carry it, and only what can be told apart is kept, with the threshold that tells it best.
 * @returns null while too few pictures have a vector
 */
export async function readVocabulary({ db, catalog, encoder, toxicity }: Parts): Promise<Vocabulary | null> {
  if (encoder === null) return null;
  const pictures = await sample(db, catalog);
  return pictures.length < FEWEST ? null : vocabularyOf(pictures, encoder, toxicity);
}

/** The same of any pictures. */
export async function vocabularyOf(
  pictures: readonly Seen[],
  encoder: Pick<ClipEncoder, 'id' | 'encodeText'>,
  toxicity: ToxicityScorer,
): Promise<Vocabulary> {
  const terms = frequentTerms(pictures, Math.max(3, RAREST * pictures.length), TERMS);
  const harmless = await harmlessOf([...terms.keys()], toxicity);
  const measure = async (name: string) => {
    const vector = await encoder.encodeText(name);
    return { vector, cosines: Float32Array.from(pictures, (picture) => dot(picture.vector, vector)) };
  };
  const made = (name: string, vector: Float32Array, threshold: number, spread: number): Attribute => {
    const attribute = { name, vector, threshold, spread, share: 0 };
    const total = pictures.reduce((sum, picture) => sum + presence(picture.vector, attribute), 0);
    return { ...attribute, share: total / pictures.length };
  };
  const known = new Map<string, Attribute>();
  for (const name of harmless) {
    const carriers = terms.get(name)!;
    const { vector, cosines } = await measure(name);
    const { threshold, f1 } = bestCut(cosines, (row) => carriers.has(row), carriers.size);
    if (f1 >= VISIBLE_F1) known.set(name, made(name, vector, threshold, deviation(cosines).sd));
  }
  const found = new Map<string, Attribute>();
  const learn = async (name: string): Promise<Attribute | null> => {
    const [safe] = await harmlessOf([name], toxicity);
    if (safe === undefined) return null;
    const { vector, cosines } = await measure(name);
    const { mean, sd } = deviation(cosines);
    return made(name, vector, mean + UNKNOWN_CUT * sd, sd);
  };
  return {
    version: `attributes-1/${encoder.id}`,
    attributes: [...known.values()],
    named: (name) => known.get(plain(name)) ?? found.get(plain(name)),
    async learn(text) {
      const name = plain(text);
      if (name === '' || known.has(name)) return known.get(name) ?? null;
      const before = found.get(name);
      if (before !== undefined) return before;
      const attribute = await learn(name);
      if (found.size > WORDS_REMEMBERED) found.clear();
      if (attribute !== null) found.set(name, attribute);
      return attribute;
    },
  };
}

const plain = (name: string) =>
  name.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase().slice(0, 80);
async function harmlessOf(names: string[], toxicity: ToxicityScorer): Promise<string[]> {
  const scores = await toxicity.score(names);
  return names.filter((_, n) => scores[n]! <= UNSAFE_TEXT);
}

export type Seen = Described & { vector: Float32Array };

/** Only what anybody may be shown: its words are told to everybody. */
async function sample(db: Database, { columns, vectors }: Parts['catalog']): Promise<Seen[]> {
  const open: ItemRef[] = [];
  for (let item = 1; item < columns.size; item++)
    if (columns.kind[item] === KIND_CODE.image && servable(columns.level[item]!, LEVEL.PG)) open.push(item);
  const step = Math.max(1, open.length / SAMPLE);
  const refs = Array.from({ length: Math.min(SAMPLE, open.length) }, (_, n) => open[Math.floor(n * step)]!);
  const [words, seen] = await Promise.all([
    query<Described & { ref: ItemRef }>(
      db,
      'select ref, tags, prompt from items where ref = any($1::int[]) order by ref',
      [refs],
    ),
    vectors('clip', refs),
  ]);
  return words.flatMap(({ ref, tags, prompt }) => {
    const vector = seen.get(ref);
    return vector === undefined ? [] : [{ tags, prompt, vector }];
  });
}
