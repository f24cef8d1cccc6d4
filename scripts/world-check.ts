import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { worldSize } from '../seed/index.ts';
import { renderTrainingSet } from '../seed/training-set/index.ts';
import { makeWorld } from '../seed/world.ts';
import { HamletError } from '../src/errors.ts';
import { SIDECAR_ENVIRONMENT, sidecarPython } from './sidecar-env.ts';

export type WorldCheck = {
  images: number;
  models: number;
  users: number;
  events: number;
} & NeuralFigures;
type NeuralFigures = {
  weightsBytes: number;
  clip: { styleAccuracy: number; textToImageRecallAt10: number };
  /** Null where no diffusion model ships. */
  diffusion: { styleAccuracy: number; subjectAccuracy: number } | null;
  loras: { count: number; formats: Record<string, number>; ranks: Record<string, number> };
};

export const WEIGHTS = resolve(import.meta.dirname, '../weights');
/** One picture a recipe, as many as Recall@10 is promised among. */
const HELD_OUT = { count: 1000, size: 96, seed: 1, split: 'heldout' as const };

/**
 * Counts the world as it would be seeded, and measures the shipped weights on pictures they have not seen.
 * @throws HamletError `weights-missing`, `sidecar-environment` or `world-check-failed` (500)
 */
export async function checkWorld(
  progress: (fraction: number, note: string) => void,
  { weights = WEIGHTS, heldOut = HELD_OUT } = {},
): Promise<WorldCheck> {
  if (!existsSync(weights))
    throw new HamletError('weights-missing', 500, `${weights} is not there: the trained weights do not ship`);
  const { pictures, cards, users, events } = makeWorld(worldSize('full'));
  const counts = {
    ...{ images: pictures.length, models: cards.length, users: users.length, events: events.length },
  };
  const python = await sidecarPython().catch((error: Error) => {
    const how = 'npm run sidecar makes it; SIDECAR_PYTHON names another';
    throw new HamletError('sidecar-environment', 500, `no Python for the sidecar (${how}): ${error.message}`);
  });
  const renders = await mkdtemp(join(tmpdir(), 'hamlet-heldout-'));
  try {
    await renderTrainingSet({ ...heldOut, folder: renders }, (part) =>
      progress(0.4 * part, 'held-out pictures'),
    );
    progress(0.4, 'the models');
    return { ...counts, ...(await measured(python, weights, renders)) };
  } finally {
    await rm(renders, { recursive: true, force: true });
  }
}

async function measured(python: string, weights: string, renders: string): Promise<NeuralFigures> {
  const words = ['-m', 'hamlet_sidecar', 'world-check', '--weights', weights, '--renders', renders];
  const env = { ...process.env, ...SIDECAR_ENVIRONMENT };
  const { stdout } = await promisify(execFile)(python, words, { env, maxBuffer: 1e7 }).catch((error) => {
    const said = String((error as { stderr?: string }).stderr ?? error).trim();
    throw new HamletError('world-check-failed', 500, said.split('\n').at(-1) ?? '', { cause: error });
  });
  return JSON.parse(stdout) as NeuralFigures;
}
