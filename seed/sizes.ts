export type WorldSize = { images: number; models: number; users: number; events: number; seed: number };
export type SizeName = 'full' | 'small';

const SIZES: Record<SizeName, Omit<WorldSize, 'seed'>> = {
  full: { images: 3200, models: 240, users: 640, events: 160_000 },
  /** For tests and a quick look. */
  small: { images: 200, models: 40, users: 50, events: 4000 },
};

export const worldSize = (name: SizeName, seed = 1): WorldSize => ({ ...SIZES[name], seed });
