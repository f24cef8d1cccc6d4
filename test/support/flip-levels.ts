import { setImmediate as turn } from 'node:timers/promises';
import type { Catalog } from '../../src/catalog/index.ts';
import { servable } from '../../src/catalog/index.ts';
import type { ItemInput } from '../../src/catalog/types.ts';
import type { Moderation } from '../../src/moderation/index.ts';
import { type Page, type Recommender, seededRandom } from '../../src/recommend/index.ts';

/** A state that an item may have had from when its change was asked for; until the next one was acknowledged. */
type Span = { from: number; acknowledged: number; level: number };
type Parts = {
  recommender: Pick<Recommender, 'recommend' | 'nextPage' | 'similar' | 'search'>;
  /** Of another replica: what it changes, `recommender` must know by its next answer. */
  catalog: Pick<Catalog, 'put' | 'remove'>;
  moderation: Moderation;
  items: readonly ItemInput[];
};

const LEVELS = [1, 2, 4, 8, 16];
const WRITERS = 3;

/**
 * Levels are put, items deleted, decided on and reported at random, while lists, their later pages, similar items and
 * searches are asked for. An item in an answer is unsafe when in none of the states it had while the answer was being
 * made it was one that the asker may see.
 */
export async function flipLevels(
  { recommender, catalog, moderation, items }: Parts,
  { requests, readers = 4, seed = 1 }: { requests: number; readers?: number; seed?: number },
): Promise<{ requests: number; items: number; changes: number; unsafe: string[] }> {
  const spans = new Map<string, Span[]>(
    items.map(({ id, browsingLevel }) => [id, [{ from: 0, acknowledged: 0, level: browsingLevel! }]]),
  );
  const unsafe: string[] = [];
  let [asked, seen, changes] = [0, 0, 0];

  async function change(id: string, level: number, act: () => Promise<unknown>): Promise<void> {
    const span: Span = { from: performance.now(), acknowledged: Number.POSITIVE_INFINITY, level };
    spans.get(id)!.push(span);
    await act();
    span.acknowledged = performance.now();
    changes++;
  }

  async function write(writer: number): Promise<void> {
    const random = seededRandom(seed * 100 + writer);
    const own = items.filter((_, n) => n % WRITERS === writer);
    const decided = new Set<string>();
    while (asked < requests) {
      const item = own[Math.floor(random.next() * own.length)]!;
      const level = LEVELS[Math.floor(random.next() * LEVELS.length)]!;
      const way = random.next();
      if (way < 0.4) {
        // A moderator's level outlives what is put, unless what is shown changes: the title does.
        const title = `${item.title} ${changes}-${writer}`;
        await change(item.id, decided.has(item.id) ? 32 : level, () =>
          catalog.put([{ ...item, title, browsingLevel: level }], { mode: 'unknown' }),
        );
      } else if (way < 0.55) {
        await change(item.id, 0, () => catalog.remove('image', item.id));
        await change(item.id, decided.has(item.id) ? 32 : level, () =>
          catalog.put([{ ...item, browsingLevel: level }], { mode: 'unknown' }),
        );
      } else if (way < 0.95 && !decided.has(item.id)) {
        const blocks = random.next() < 0.1;
        if (blocks) decided.add(item.id);
        const { review } = await moderation.look('image', item.id);
        const decision = { level: blocks ? 32 : level, review, note: '', moderator: 'ada' };
        await change(item.id, decision.level, () => moderation.decide('image', item.id, decision, 'test'));
      } else if (!decided.has(item.id)) {
        await change(item.id, 0, () =>
          moderation.report('image', item.id, { userId: `w${writer}-${changes}`, reason: 'other', note: '' }),
        );
      }
      await turn();
    }
  }

  function check(page: Pick<Page, 'items'>, maxLevel: number, began: number, ended: number): void {
    for (const { id } of page.items) {
      seen++;
      const states = spans.get(id)!;
      const possible = states.filter(
        ({ from }, n) => from <= ended && (states[n + 1]?.acknowledged ?? Number.POSITIVE_INFINITY) >= began,
      );
      if (!possible.some(({ level }) => servable(level, maxLevel)))
        unsafe.push(`${id} to ${maxLevel}, ${possible.map(({ level }) => level)}`);
    }
  }

  async function read(reader: number): Promise<void> {
    const random = seededRandom(seed * 1000 + reader);
    const ask = async <P extends Pick<Page, 'items'>>(maxLevel: number, request: () => Promise<P>) => {
      asked++;
      const began = performance.now();
      const page = await request();
      check(page, maxLevel, began, performance.now());
      return page;
    };
    const common = { kind: 'image' as const, limit: 20, exclude: [], tags: [] };
    while (asked < requests) {
      const maxLevel = LEVELS[Math.floor(random.next() * LEVELS.length)]!;
      const userId = `person-${Math.floor(random.next() * 20)}`;
      const page = await ask(maxLevel, () =>
        recommender.recommend({ ...common, userId, surface: 'home', maxLevel }),
      );
      const cursor = page.nextCursor;
      if (cursor !== null)
        await ask(maxLevel, () => recommender.nextPage({ userId, cursor, maxLevel, limit: 20 }));
      if (page.items[0] !== undefined && random.next() < 0.3) {
        const { id } = page.items[0];
        await ask(maxLevel, () =>
          recommender.similar({ ...common, id, maxLevel }).catch(() => ({ items: [], degraded: [] })),
        );
      }
      if (random.next() < 0.3)
        await ask(maxLevel, () => recommender.search({ ...common, text: 'castle', maxLevel }));
    }
  }

  await Promise.all([
    ...Array.from({ length: readers }, (_, n) => read(n)),
    ...Array.from({ length: WRITERS }, (_, n) => write(n)),
  ]);
  return { requests: asked, items: seen, changes, unsafe };
}
