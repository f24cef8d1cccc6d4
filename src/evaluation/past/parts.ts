import { type Catalog, servable } from '../../catalog/index.ts';
import { type ContentSpace, type ItemKind, LEVEL } from '../../catalog/types.ts';
import type { Events } from '../../events/index.ts';
import type { ReadPictures } from '../../models/index.ts';
import type { VectorReader } from '../../vectors/port.ts';
import { cameAt, pastColumns } from './columns.ts';

/** What an evaluation reads of the platform. */
export type LogParts = {
  catalog: Pick<Catalog, 'columns' | 'vectors'>;
  events: Pick<Events, 'deeds' | 'interactionLog'>;
  vectors: VectorReader;
  contentSpace: { current(): ContentSpace };
  /** For towers that see pictures by themselves. */
  readPictures?: ReadPictures;
};

/**
 * The platform as if it had ended at a moment: no deed, item or vector of later is there to be read. Whoever answers
 * otherwise over it than over the whole has looked ahead.
 */
export async function endingAt(parts: LogParts, end: number): Promise<LogParts> {
  const everybody = await parts.events.deeds();
  const before = everybody.map((person) => ({ ...person, deeds: person.deeds.filter(({ at }) => at < end) }));
  const columns = pastColumns(parts.catalog.columns, cameAt(parts.catalog.columns, everybody));
  columns.moveTo(end);
  const isThere = (item: number) => servable(columns.level[item] ?? 0, LEVEL.XXX);
  return {
    catalog: { columns, vectors: (space, items) => parts.catalog.vectors(space, items.filter(isThere)) },
    events: {
      deeds: async () => before,
      interactionLog: (kind: ItemKind, until?: Date) =>
        parts.events.interactionLog(kind, new Date(Math.min(end, until?.getTime() ?? end))),
    },
    vectors: {
      backend: parts.vectors.backend,
      search: async (kind, queries) =>
        (await parts.vectors.search(kind, queries)).map((hits) => hits.filter(({ id }) => isThere(id))),
      vectors: (kind, space, items) => parts.vectors.vectors(kind, space, items.filter(isThere)),
    },
    contentSpace: parts.contentSpace,
    ...(parts.readPictures && {
      readPictures: (items, shape, signal) => parts.readPictures!(items.filter(isThere), shape, signal),
    }),
  };
}
