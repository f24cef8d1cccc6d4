import { ITEM_FLAG, ITEM_STATUS, type ItemRef, KIND_CODE, LEVEL } from '../catalog/types.ts';
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

/**
 * What each LoRA is seen to do: the mean of its pictures, each less what pictures of its sort show anyway, so that
 * subjects and light which all LoRAs share do not make two of them alike. Lengths are Mahalanobis' by the covariance
 * among pictures of one LoRA, as in linear discriminant analysis: where those differ, in subject and colours, two
 * LoRAs differ by chance. LoRAs without any picture are left out.
 */
export function looksOf(loras: readonly Looked[]): Looks {
  const usualOwn = meanOf(loras.flatMap(({ own }) => own ?? []));
  const usualMade = meanOf(loras.flatMap(({ made }) => made));
  const whiten = whitening(loras);
  return {
    whiten,
    loras: loras.flatMap(({ id, own, made }) => {
      const less = [
        ...(own ? [minus(own, usualOwn)] : []),
        ...made.map((vector) => minus(vector, usualMade)),
      ];
      return less.length === 0 ? [] : [{ id, vector: whiten(meanOf(less)) }];
    }),
  };
}

/** Of LoRAs with one picture each nothing is known of what differs within one: as it is. */
function whitening(loras: readonly Looked[]): Looks['whiten'] {
  const within = loras.flatMap(({ made }) => {
    const own = meanOf(made);
    return made.length < 2 ? [] : made.map((vector) => minus(vector, own));
  });
  const length = within[0]?.length ?? 0;
  const covariance = Array.from({ length }, () => new Float64Array(length));
  for (const vector of within)
    for (let i = 0; i < length; i++)
      for (let j = 0; j <= i; j++) covariance[i]![j]! += (vector[i]! * vector[j]!) / within.length;
  const mean = covariance.reduce((sum, row, i) => sum + row[i]!, 0) / length;
  if (!(mean > 0)) return (vector) => vector;
  covariance.forEach((row, i) => {
    row[i]! += RIDGE * mean;
  });
  const factor = choleskyOf(covariance);
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
       from items i cross join unnest(i.model_refs) as model left join users u on u.ref = i.creator_ref
       where i.kind = ${KIND_CODE.image} and i.status = ${ITEM_STATUS.live} and model = any ($1::int[])
         and i.effective_level = ${LEVEL.PG} and i.flags & ${ITEM_FLAG.available} <> 0
         and i.flags & ${ITEM_FLAG.minor | ITEM_FLAG.poi | ITEM_FLAG.unsafeText} = 0
         and not coalesce((u.preferences ->> 'excludeFromTraining')::boolean, false)
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
