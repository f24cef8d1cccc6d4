import { HamletError } from '../../src/errors.ts';
import type { Space, W2w } from '../../src/w2w/index.ts';

/** Spaces in memory, queued for ever. */
export function fakeW2w(): Pick<W2w, 'startSpace' | 'getSpace' | 'listSpaces'> {
  const spaces = new Map<string, Space>();
  return {
    async startSpace({ models, ...spec }) {
      const id = `space-${spaces.size + 1}`;
      const space: Space = {
        ...{ id, state: 'queued', spec, progress: 0, members: models?.length ?? 3, leftOut: {} },
        ...{ artifact: null, figures: null, stale: null, error: null, createdAt: '2026-11-24T00:00:00.000Z' },
      };
      spaces.set(id, space);
      return space;
    },
    async getSpace(id) {
      const space = spaces.get(id);
      if (space === undefined) throw new HamletError('space-unknown', 404, 'No such space.');
      return space;
    },
    listSpaces: async () => [...spaces.values()],
  };
}
