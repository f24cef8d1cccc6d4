import { setImmediate } from 'node:timers/promises';
import { IS_CONSENTED, IS_SAFE } from '../catalog/index.ts';
import { type ItemRef, KIND_CODE, LEVEL } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import { choleskyOf, solvedBy } from './whitening.ts';

/** Pictures made with a LoRA that are looked at, the newest. */
export const MADE = 20;

export type Made = { model: ItemRef; picture: ItemRef };
/** A LoRA, its card’s own picture, and pictures that people made with it; vectors of unit length in space `clip`. */
export type Looked = { id: string; own: Float32Array | undefined; made: readonly Float32Array[] };

/** What a LoRA is seen to do. */
export type SeenLora = { id: string; vector: Float32Array };
/** LoRAs by what they are seen to do, in a space where `whiten` puts whatever is compared with them. */
export type Looks = { loras: SeenLora[]; whiten: (vector: Float32Array) => Float32Array };

/** Added to each dimension's variance among pictures of one LoRA, in parts of the mean one. */
const RIDGE = 0.5;
/** Pictures that the covariance is of at most; more of them make no better one. */
const MOST = 2000;
/** Vectors between two turns of the event loop: of 768 numbers some ten milliseconds. */
const AT_ONCE = 32;

/**
 * What each LoRA is seen to do: the mean of its pictures, each less what pictures of its sort show anyway, so that
 * subjects and light which all LoRAs share do not make two of them alike. Lengths are Mahalanobis' by the covariance
 * among pictures of one LoRA, as in linear discriminant analysis: where those differ, in subject and colours, two
 * LoRAs differ by chance. LoRAs without any picture are left out.
 */
export async function looksOf(loras: readonly Looked[]): Promise<Looks> {
  const usualOwn = meanOf(loras.flatMap(({ own }) => own ?? []));
  const usualMade = meanOf(loras.flatMap(({ made }) => made));
  const whiten = await whitening(loras);
  const found: SeenLora[] = [];
  for (const [n, { id, own, made }] of loras.entries()) {
    if (n % AT_ONCE === 0) await setImmediate();
    const less = [...(own ? [minus(own, usualOwn)] : []), ...made.map((vector) => minus(vector, usualMade))];
    if (less.length > 0) found.push({ id, vector: whiten(meanOf(less)) });
  }
  return { loras: found, whiten };
}

/** Of LoRAs with one picture each nothing is known of what differs within one: as it is. */
async function whitening(loras: readonly Looked[]): Promise<Looks['whiten']> {
  const all = loras.flatMap(({ made }) => {
    const own = meanOf(made);
    return made.length < 2 ? [] : made.map((vector) => minus(vector, own));
  });
  const every = Math.ceil(all.length / MOST);
  const within = all.filter((_, n) => n % every === 0);
  const length = within[0]?.length ?? 0;
  const scatter = Array.from({ length }, () => new Float64Array(length));
  for (const [n, vector] of within.entries()) {
    if (n % AT_ONCE === 0) await setImmediate();
    scatter.forEach((row, i) => {
      const value = vector[i]!;
      for (let j = 0; j <= i; j++) row[j]! += value * vector[j]!;
    });
  }
  const mean = scatter.reduce((sum, row, i) => sum + row[i]!, 0) / length;
  if (!(mean > 0)) return (vector) => vector;
  scatter.forEach((row, i) => {
    row[i]! += RIDGE * mean;
    for (let j = 0; j <= i; j++) row[j]! /= within.length;
  });
  const factor = choleskyOf(scatter);
  return (vector) => solvedBy(factor, vector);
}

/**
 * The newest pictures made with each of these models that anybody may see and whose makers may be learned from;
 * one for every picture and model.
 */
export const madeWith = (db: Database, models: readonly ItemRef[]): Promise<Made[]> =>
  query<Made>(
    db,
    `select model, picture from (
       select model, i.ref as picture,
         row_number() over (partition by model order by i.created_at desc nulls last, i.ref desc) as place
       from items i cross join unnest(i.model_refs) as model
       where i.kind = ${KIND_CODE.image} and model = any ($1::int[])
         and i.effective_level = ${LEVEL.PG} and ${IS_SAFE} and ${IS_CONSENTED}
     ) made where place <= ${MADE}`,
    [models],
  );

const minus = (a: Float32Array, b: Float32Array) => a.map((value, d) => value - b[d]!);

function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors)
    for (let d = 0; d < sum.length; d++) sum[d] = sum[d]! + vector[d]! / vectors.length;
  return sum;
}
