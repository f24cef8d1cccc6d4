import type { ContentSpace } from '../catalog/types.ts';
import type { Config } from '../config.ts';
import { type Database, query } from '../db/index.ts';
import type { Log } from '../log.ts';

export type ContentSpaces = {
  /** Where taste, search, diversity and clusters compare items now. */
  current(): ContentSpace;
  /** Looks again now. */
  refresh(): Promise<void>;
  close(): void;
};

const LOOK_MS = 30_000;

/**
 * `auto` is `clip` where a CLIP model is loaded and at least half of the items that words can tell apart can be
 * told apart by pictures, else `text`: MovieLens has no pictures, and an import of pictures is compared by its
 * words until most are embedded. One space for the whole catalogue, because cosines of two spaces cannot be
 * ranked together.
 */
export async function openContentSpace(
  db: Database,
  { setting, hasClip, log }: { setting: Config['CONTENT_SPACE']; hasClip: boolean; log: Log },
): Promise<ContentSpaces> {
  if (setting !== 'auto' || !hasClip) {
    const fixed = setting === 'auto' ? 'text' : setting;
    return { current: () => fixed, refresh: async () => {}, close() {} };
  }
  let space: ContentSpace = 'text';
  let seenClock = '';

  async function refresh(): Promise<void> {
    const [clock] = await query<{ value: string }>(
      db,
      "select value from clocks where name = 'catalogue'",
      [],
    );
    if (clock?.value === seenClock) return;
    const [counted] = await query<{ clip: string; text: string }>(
      db,
      `select count(*) filter (where space = 'clip') as clip, count(*) filter (where space = 'text') as text
       from item_vectors`,
      [],
    );
    const { clip, text } = { clip: Number(counted?.clip ?? 0), text: Number(counted?.text ?? 0) };
    const next = clip > 0 && clip >= text / 2 ? 'clip' : 'text';
    if (next !== space) log.info({ space: next, clip, text }, 'content is compared in another space');
    space = next;
    seenClock = clock?.value ?? '';
  }

  await refresh();
  const looking = setInterval(() => {
    refresh().catch((error) => log.warn({ err: error }, 'content space not looked at'));
  }, LOOK_MS);
  looking.unref();
  return { current: () => space, refresh, close: () => clearInterval(looking) };
}
