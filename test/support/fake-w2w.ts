import { HamletError } from '../../src/errors.ts';
import type { Space, W2w, W2wEdits } from '../../src/w2w/index.ts';

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

const since = '2026-11-24T00:00:00.000Z';
const unknown = (what: string) => new HamletError(`${what}-unknown`, 404, `There is no such ${what}.`);

/** Directions and edits in memory, queued for ever. */
export function fakeW2wEdits(): W2wEdits {
  const [directions, edits, people] = [store(), store(), store()];
  const begun = (spaceId: string) => ({
    ...{ spaceId, state: 'queued' as const, progress: 0, artifact: null, result: null, error: null },
    createdAt: since,
  });
  return {
    startDirection: async ({ space, name, labels }) =>
      directions.add('direction', { ...begun(space), name, labelledBy: labels }),
    getDirection: async (id) => directions.get('direction', id),
    listDirections: async () => directions.all(),
    startEdit: async (wish) => edits.add('edit', { ...begun(wish.space), wish }),
    getEdit: async (id) => edits.get('edit', id),
    listEdits: async () => edits.all(),
    editFile: async () => {
      throw unknown('edit');
    },
    startPersonalization: async (userId, space = 'space-1') =>
      people.add('personalization', {
        ...{ userId, spaceId: space, state: 'queued', progress: 0, steps: {}, error: null },
        ...{ createdAt: since, finishedAt: null },
      }),
    getPersonalization: async (id) => people.get('personalization', id),
    listPersonalizations: async () => people.all(),
    cancelPersonalization: async (id) => people.get('personalization', id),
    stop() {},
  };
}

function store() {
  const kept = new Map<string, never>();
  return {
    add(what: string, value: object) {
      const id = `${what}-${kept.size + 1}`;
      kept.set(id, { id, ...value } as never);
      return kept.get(id)!;
    },
    get(what: string, id: string) {
      const found = kept.get(id);
      if (found === undefined) throw unknown(what);
      return found;
    },
    all: () => [...kept.values()],
  };
}
