import { badInput } from '../src/errors.ts';

export type WorldSize = { images: number; models: number; users: number; events: number; seed: number };
export type SizeName = 'full' | 'small';

const SIZES: Record<SizeName, Omit<WorldSize, 'seed'>> = {
  // As many events as make likes on uniform pages enough to tell recommenders apart (bench/world.md).
  full: { images: 3200, models: 240, users: 620, events: 400_000 },
  /** For tests and a quick look. */
  small: { images: 200, models: 40, users: 50, events: 4000 },
};

/** @throws HamletError `option-invalid` (400) for a seed that is no whole number. */
export function worldSize(name: SizeName, seed = 1): WorldSize {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw badInput('option-invalid', 'seed must be a whole number from 0 on');
  return { ...SIZES[name], seed };
}
