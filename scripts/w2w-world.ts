import { PALETTES, STYLE_NAMES, STYLES } from '../seed/grammar.ts';
import { worldSize } from '../seed/index.ts';
import { wordsOfTheGrammar } from '../seed/training-set/render.ts';
import { readShippedVectors } from '../seed/vectors/shipped.ts';
import { makeWorld, type World } from '../seed/world.ts';
import type { Config } from '../src/config.ts';
import { HamletError } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import { type ClipEncoder, openClip } from '../src/models/index.ts';
import { CENTRAL, describe, type History, type Preference, vocabularyOf } from '../src/taste/index.ts';
import { openToxicity } from '../src/text/index.ts';
import { type Labels, type Looks, labelsByClip, looksOf, MADE, wordsAndPictures } from '../src/w2w/index.ts';

export type W2wUser = {
  id: string;
  /** Planted: weight of each style, for the oracle alone. */
  styles: Record<string, number>;
  text: string;
  vector: number[];
  labels: Labels;
};
/** What the report's sidecar side is told. */
export type W2wWorld = {
  grammar: Record<string, unknown>;
  /** Palette → all of its colours. */
  colours: Record<string, string[]>;
  lineages: Record<string, string>;
  clipLabels: Record<string, Labels>;
  users: W2wUser[];
  labels: LabelFigures;
};
/** Means over users: of the LoRAs that count as positive, and of all, the share with a style of the user's. */
export type LabelFigures = { users: number; positives: number; chance: number };

/** As a taste is described in the service: the newest likes, and what was passed by. */
const LIKED = ['like', 'heart', 'laugh', 'cry'];
const [LIKES, PASSED, ENOUGH_LIKES] = [100, 150, 30];

/** Users by lot, without drift: what they like now is what was planted. */
export async function w2wWorld(config: Config, log: Log, users: number, seed = 1): Promise<W2wWorld> {
  const world = makeWorld(worldSize('full', seed));
  const vectors = await vectorsOf(world);
  const clip = await openClip(config, { hasPictures: true, log });
  try {
    if (clip.encoder === null)
      throw clip.problem ?? new HamletError('clip-model-missing', 500, 'Set CLIP_MODEL.');
    const loras = await lorasSeen(world, vectors);
    const found = await usersOf(world, vectors, clip.encoder, loras, { count: users, config, log });
    return {
      grammar: wordsOfTheGrammar(),
      colours: coloursOfPalettes(),
      lineages: Object.fromEntries(world.cards.map(({ id, creator }) => [id, creator.id])),
      clipLabels: await labelsOfStyles(clip.encoder, loras),
      users: found,
      labels: figuresOfLabels(found, world),
    };
  } finally {
    await clip.close();
  }
}

const coloursOfPalettes = () =>
  Object.fromEntries(
    Object.entries(PALETTES).map(([name, { says: _, ...colours }]) => [name, Object.values(colours).flat()]),
  );

async function vectorsOf({ items }: World): Promise<Map<string, Float32Array>> {
  const shipped = await readShippedVectors(items);
  if (shipped === null)
    throw new HamletError(
      'weights-missing',
      500,
      'weights/world is of another world: npx hamlet world embed',
    );
  return new Map(items.flatMap(({ id }, n) => (shipped.vectorOf(n) ? [[id, shipped.vectorOf(n)!]] : [])));
}

/** As the service sees them: by their cards and by the newest pictures made with them. */
function lorasSeen({ cards, pictures }: World, vectors: Map<string, Float32Array>): Promise<Looks> {
  const newest = pictures.filter(({ level }) => level === 1).sort((a, b) => b.at - a.at);
  return looksOf(
    cards.map((card) => ({
      ...{ id: card.id, own: vectors.get(card.id) },
      made: newest
        .filter(({ models }) => models.includes(card))
        .slice(0, MADE)
        .flatMap(({ id }) => vectors.get(id) ?? []),
    })),
  );
}

async function labelsOfStyles(encoder: ClipEncoder, loras: Looks): Promise<Record<string, Labels>> {
  const labels: Record<string, Labels> = {};
  for (const style of STYLE_NAMES)
    labels[style] = labelsByClip(await encoder.encodeText(STYLES[style].says), loras);
  return labels;
}

function figuresOfLabels(users: W2wUser[], { cards }: World): LabelFigures {
  const share = ({ styles }: W2wUser, among: World['cards']) =>
    among.filter((card) => card.styles.some(({ style }) => style in styles)).length / among.length;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    users: users.length,
    positives: mean(
      users.map((user) =>
        share(
          user,
          cards.filter(({ id }) => user.labels[id] === true),
        ),
      ),
    ),
    chance: mean(users.map((user) => share(user, cards))),
  };
}

type Told = { count: number; config: Config; log: Log };

async function usersOf(
  world: World,
  vectors: Map<string, Float32Array>,
  encoder: ClipEncoder,
  loras: Looks,
  { count, config, log }: Told,
): Promise<W2wUser[]> {
  const toxicity = await openToxicity(config.TOXICITY_MODEL, log);
  const pictures = world.items.flatMap(({ kind, id, tags = [], prompt = '' }) =>
    kind === 'image' && vectors.has(id) ? [{ tags, prompt, vector: vectors.get(id)! }] : [],
  );
  const vocabulary = await vocabularyOf(pictures, encoder, toxicity);
  const found: W2wUser[] = [];
  const favourites = new Set<string>();
  for (const { id, drift, taste } of world.people) {
    const history = historyOf(world, id, vectors);
    const favourite = taste.interests[0]!.style;
    if (drift !== null || history.liked.length < ENOUGH_LIKES || favourites.has(favourite)) continue;
    const [first] = describe(history, vocabulary);
    if (first === undefined || first.likes.length === 0) continue;
    const vector = meantBy(await encoder.encodeText(wordsOf(first)), history, first);
    const styles = Object.fromEntries(taste.interests.map(({ style, weight }) => [style, weight]));
    found.push({ id, styles, text: first.text, vector: [...vector], labels: labelsByClip(vector, loras) });
    favourites.add(favourite);
    if (found.length === count) break;
  }
  return found;
}

/** The words and the nine most central pictures, each counting half. */
function meantBy(text: Float32Array, { liked }: History, { items }: Preference): Float32Array {
  const vectors = new Map(liked.map(({ item, vector }) => [item, vector]));
  const central = items.slice(0, CENTRAL).map((item) => vectors.get(item)!);
  return wordsAndPictures(text, central);
}

/** What is liked, the way prompts say it: CLIP learned from prompts. */
const wordsOf = ({ likes }: Preference) => likes.map(({ name }) => name).join(', ');

function historyOf({ events, items }: World, user: string, vectors: Map<string, Float32Array>): History {
  const mine = events.filter(({ userId, itemKind }) => userId === user && itemKind === 'image');
  const liked = new Set(mine.filter(({ type }) => LIKED.includes(type)).map(({ itemId }) => itemId));
  const passed = new Set(
    mine.filter(({ itemId, type }) => type === 'view' && !liked.has(itemId)).map(({ itemId }) => itemId),
  );
  const refs = new Map(items.map(({ id }, n) => [id, n]));
  const looked = (ids: Set<string>, most: number) =>
    [...ids].slice(-most).flatMap((id) => {
      const vector = vectors.get(id);
      return vector === undefined ? [] : [{ item: refs.get(id)!, vector, weight: 1 }];
    });
  return { liked: looked(liked, LIKES), passed: looked(passed, PASSED) };
}
