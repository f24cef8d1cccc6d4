import type { Catalog, Claim, PictureQueue } from '../catalog/index.ts';
import type { Database } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { ImageLoader, Raster } from '../images/index.ts';
import type { PixelClassifier, PixelJudge, Scores } from '../safety/index.ts';
import { highest, isUsable } from './scores.ts';

export type ClassificationParts = {
  db: Database;
  catalog: Pick<Catalog, 'storeEvidence' | 'rejudge'>;
  images: ImageLoader;
  judge: PixelJudge;
};

/** Pictures that are fetched and decoded at once. */
const LOADERS = 4;
/** Pictures of an animation that are looked at. */
export const FRAMES = 5;

type Seen = { claim: Claim; frames: Raster[][] };

/**
 * Shows the claimed pictures to every classifier and stores what they say. A picture that cannot be read or scored
 * is noted with its reason, stays held and holds up no other.
 * @throws HamletError of a classifier that fails at every picture, the claims given back: none is to blame for it
 */
export async function classifyClaims(
  { catalog, images, judge }: ClassificationParts,
  queue: PictureQueue,
  claims: Claim[],
  signal: AbortSignal,
): Promise<{ classified: number; failed: number }> {
  const seen: Seen[] = [];
  const faults = new Map<Claim, HamletError>();
  const waiting = [...claims];
  const shapes = judge.classifiers.map(({ shape }) => shape);
  const loadSome = async () => {
    for (let claim = waiting.shift(); claim !== undefined; claim = waiting.shift()) {
      try {
        seen.push({ claim, frames: await images.loadFrames(claim.url, shapes, FRAMES, signal) });
      } catch (error) {
        if (signal.aborted || !(error instanceof HamletError)) throw error;
        faults.set(claim, error);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: LOADERS }, loadSome));
    const scores = seen.map((): Record<string, Scores> => ({}));
    for (const [k, classifier] of judge.classifiers.entries()) {
      const answers = await askEach(
        classifier,
        seen.map(({ frames }) => frames[k]!),
      );
      answers.forEach((answer, n) => {
        if (answer instanceof HamletError) faults.set(seen[n]!.claim, answer);
        else scores[n]![classifier.name] = answer;
      });
    }
    const whole = seen.flatMap(({ claim, frames }, n) =>
      faults.has(claim) ? [] : [{ ...claim, scores: scores[n]!, frames: frames[0]!.length }],
    );
    await catalog.storeEvidence(judge.id, whole);
    await queue.forget(whole.map(({ ref }) => ref));
    for (const [{ ref }, fault] of faults) await queue.fail(ref, fault);
    return { classified: whole.length, failed: faults.size };
  } catch (error) {
    await queue.release(claims.map(({ ref }) => ref)).catch(() => {});
    throw error;
  }
}

/** Scores or a fault, one an item. A batch that fails is asked again one by one, to find whose fault it is. */
async function askEach(classifier: PixelClassifier, items: Raster[][]): Promise<(Scores | HamletError)[]> {
  if (items.length === 0) return [];
  try {
    const answers = await classifier.classify(items.flat());
    return items.map((frames) => checked(classifier, answers.splice(0, frames.length)));
  } catch (error) {
    if (!(error instanceof HamletError)) throw error;
    const answers: (Scores | HamletError)[] = [];
    for (const frames of items)
      answers.push(
        await classifier.classify(frames).then(
          (scores) => checked(classifier, scores),
          (fault) => fault as HamletError,
        ),
      );
    if (answers.every((answer) => answer instanceof HamletError) && items.length > 1) throw error;
    return answers;
  }
}

function checked({ name }: PixelClassifier, frames: Scores[]): Scores | HamletError {
  if (frames.length > 0 && frames.every(isUsable)) return highest(frames);
  return new HamletError('classifier-answer-invalid', 500, `The classifier ${name} answers no probability.`);
}
