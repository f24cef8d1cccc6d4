import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../db/index.ts';
import { query } from '../db/index.ts';
import { badInput, HamletError } from '../errors.ts';
import { offerModel, SHIPPED } from './base-models.ts';

export type Spec = Record<string, unknown>;
const TASTE = 'taste.safetensors';
export type PairsAsked = { source: string; userId?: string; topic?: string; options?: Spec };

/**
 * The spec of a `make-dpo-pairs` job: what was asked, with the CLIP and, where scores are needed, the scorer that
 * ship, unless others are named.
 * @throws HamletError `user-unknown` (404), `user-opted-out` (422), `field-missing` (400)
 */
export async function pairsSpec(db: Database, home: string, clip: string, asked: PairsAsked): Promise<Spec> {
  const { source, userId, topic, options = {} } = asked;
  const scored = source === 'hps-min-max' || source === 'both';
  if ((source === 'user') !== (userId !== undefined))
    throw badInput('field-missing', 'Pairs of one person need userId, and no others do.', '/userId');
  const offered = await offerModel(home, clip);
  return {
    ...{ pool: 'latest', source, clip: offered },
    ...(scored ? { scorer: await shippedScorer(home, offered) } : {}),
    ...(topic === undefined ? {} : { topic }),
    ...(userId === undefined ? {} : { user: await trainableUser(db, userId) }),
    ...options,
  };
}

/**
 * The spec of a `train-dpo` job on the tiny Stable Diffusion that ships, unless another is named. Pairs of one
 * person bring their own judge, made of what they liked among pictures of no pair.
 */
export async function trainingSpec(
  home: string,
  clip: string,
  pairs: string,
  options: Spec = {},
): Promise<Spec> {
  const offered = await offerModel(home, clip);
  const shipped = await shippedScorer(home, offered);
  const taste = { name: 'taste', weights: `${pairs}/${TASTE}`, clip: offered };
  const hasOwn = existsSync(join(home, 'artifacts', taste.weights));
  return {
    pairs,
    diffusion: await offerModel(home, join(SHIPPED, 'diffusion')),
    clip: offered,
    ...(hasOwn ? { scorer: taste, judges: [shipped] } : { scorer: shipped }),
    ...options,
  };
}

/** The labelled stand-in for HPSv2. */
const shippedScorer = async (home: string, clip: string) => ({
  name: 'preference',
  weights: await offerModel(home, join(SHIPPED, 'preference.safetensors')),
  clip,
});

async function trainableUser(db: Database, id: string): Promise<number> {
  const [user] = await query<{ ref: number; out: boolean }>(
    db,
    `select ref, coalesce((preferences ->> 'excludeFromTraining')::boolean, false) as out from users where id = $1`,
    [id],
  );
  if (user === undefined) throw new HamletError('user-unknown', 404, 'No such user.');
  if (user.out) throw new HamletError('user-opted-out', 422, 'This person is not to be trained on.');
  return user.ref;
}
