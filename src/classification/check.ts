import { LEVEL } from '../catalog/types.ts';
import type { ImageLoader, Raster } from '../images/index.ts';
import {
  levelOf,
  type PixelClassifier,
  type PixelJudge,
  type SafetyRule,
  type Scores,
} from '../safety/index.ts';
import { FRAMES } from './batch.ts';
import { highest } from './scores.ts';

/** Harmless pictures, whatever set they are from; each a path, a URL or bytes. */
export type HarmlessSet = { name: string; pictures: { name: string; source: string | Buffer }[] };
/** What the reference implementation of a classifier says of a picture, by the picture's name. */
export type Reference = Record<string, Record<string, Scores>>;

export type AlarmRate = {
  pictures: number;
  /** Levels above PG13. */
  falseAlarms: number;
  falseAlarmRate: number;
  /** Wilson, 95 %. */
  interval: [number, number];
};
export type ClassifierCheck = AlarmRate & {
  name: string;
  version: string;
  bySet: Record<string, AlarmRate>;
  /** Of the network and its input, without loading. */
  msPerImage: number;
  /** Largest over pictures and classes; null without a reference. */
  maxDifferenceToReference: number | null;
  referencePictures: number;
};
export type SafetyCheck = {
  rule: string;
  classifiers: ClassifierCheck[];
  combined: AlarmRate & { bySet: Record<string, AlarmRate> };
  /** Pictures a second from a source to scores, loading included. */
  picturesPerSecond: number;
};

/** As many as a job of a sidecar is worth starting for. */
const BATCH = 32;
const LOADERS = 2;
type Seen = { set: string; levels: number[] };

/** How often harmless pictures raise an alarm, how fast, and whether scores are those of the reference. */
export async function checkSafety(
  { judge, rule, images }: { judge: PixelJudge; rule: SafetyRule; images: ImageLoader },
  sets: readonly HarmlessSet[],
  reference: { set: HarmlessSet; scores: Reference },
  progress: (fraction: number, note: string) => void,
): Promise<SafetyCheck> {
  const { classifiers } = judge;
  const all = sets.flatMap(({ name, pictures }) => pictures.map((picture) => ({ ...picture, set: name })));
  const seen: Seen[] = [];
  const spent = classifiers.map(() => 0);
  const load = (source: string | Buffer) =>
    images.loadFrames(
      source,
      classifiers.map(({ shape }) => shape),
      FRAMES,
    );

  // The first question of a thread starts it.
  const warm = await load(all[0]!.source);
  for (const [k, classifier] of classifiers.entries()) await classifier.classify(warm[k]!);
  const began = performance.now();
  for (let from = 0; from < all.length; from += BATCH) {
    const some = all.slice(from, from + BATCH);
    const frames = await loadAll(some, load);
    const levels: number[][] = some.map(() => []);
    for (const [k, classifier] of classifiers.entries()) {
      const started = performance.now();
      const scores = await scoresOf(
        classifier,
        frames.map((shapes) => shapes[k]!),
      );
      spent[k] = spent[k]! + performance.now() - started;
      for (const [n, one] of scores.entries())
        levels[n]!.push(levelOf(one, rule.classifiers[classifier.name]));
    }
    for (const [n, { set }] of some.entries()) seen.push({ set, levels: levels[n]! });
    progress(seen.length / all.length, `${seen.length} pictures`);
  }
  const seconds = (performance.now() - began) / 1000;
  const differences = await differencesTo(classifiers, load, reference);
  const rates = (alarm: (levels: number[]) => boolean) => ({
    ...rateOf(seen, alarm),
    bySet: Object.fromEntries(
      sets.map(({ name }) => [
        name,
        rateOf(
          seen.filter(({ set }) => set === name),
          alarm,
        ),
      ]),
    ),
  });
  return {
    rule: rule.version,
    classifiers: classifiers.map(({ name, version }, k) => ({
      ...{ name, version, ...rates((levels) => isAlarm(levels[k]!)) },
      msPerImage: Math.round((spent[k]! / seen.length) * 10) / 10,
      ...differences[k]!,
    })),
    combined: rates((levels) => levels.some(isAlarm)),
    picturesPerSecond: Math.round((seen.length / seconds) * 10) / 10,
  };
}

type Load = (source: string | Buffer) => Promise<Raster[][]>;

/** A few at once: each picture has its time to be decoded in. */
async function loadAll(some: readonly { source: string | Buffer }[], load: Load): Promise<Raster[][][]> {
  const frames: Raster[][][] = [];
  for (let from = 0; from < some.length; from += LOADERS)
    frames.push(...(await Promise.all(some.slice(from, from + LOADERS).map(({ source }) => load(source)))));
  return frames;
}

async function scoresOf(classifier: PixelClassifier, pictures: Raster[][]): Promise<Scores[]> {
  const answers = await classifier.classify(pictures.flat());
  return pictures.map((frames) => highest(answers.splice(0, frames.length)));
}

async function differencesTo(
  classifiers: readonly PixelClassifier[],
  load: Load,
  { set, scores }: { set: HarmlessSet; scores: Reference },
): Promise<Pick<ClassifierCheck, 'maxDifferenceToReference' | 'referencePictures'>[]> {
  const largest = classifiers.map(() => 0);
  const compared = classifiers.map(() => 0);
  for (let from = 0; from < set.pictures.length; from += BATCH) {
    const some = set.pictures.slice(from, from + BATCH);
    const frames = await loadAll(some, load);
    for (const [k, classifier] of classifiers.entries()) {
      const found = await scoresOf(
        classifier,
        frames.map((shapes) => shapes[k]!),
      );
      some.forEach(({ name }, n) => {
        const expected = scores[classifier.name]?.[name];
        if (expected === undefined) return;
        const off = Object.entries(expected).map(([label, score]) => Math.abs(score - found[n]![label]!));
        largest[k] = Math.max(largest[k]!, ...off);
        compared[k]!++;
      });
    }
  }
  return largest.map((most, k) => ({
    maxDifferenceToReference: compared[k] === 0 ? null : most,
    referencePictures: compared[k]!,
  }));
}

/** What is no level at all is an alarm, too. */
const isAlarm = (level: number) => level < LEVEL.PG || level > LEVEL.PG13;

function rateOf(seen: readonly Seen[], alarm: (levels: number[]) => boolean): AlarmRate {
  const falseAlarms = seen.filter(({ levels }) => alarm(levels)).length;
  const pictures = seen.length;
  return {
    pictures,
    falseAlarms,
    falseAlarmRate: falseAlarms / pictures,
    interval: wilson(falseAlarms, pictures),
  };
}

/** Wilson's score interval: unlike ± z·√(p q / n), one that says something where nothing was seen. */
export function wilson(hits: number, n: number, z = 1.959964): [number, number] {
  const p = hits / n;
  const middle = (p + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
  const round = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 1e5) / 1e5;
  return [round(middle - half), round(middle + half)];
}
