import type { ItemInput } from '../catalog/types.ts';
import type { ImportedEvent } from '../events/types.ts';
import { isCleanText } from '../text/index.ts';
import { datasetOf, eventIdOf } from './event-id.ts';
import { readLines } from './lines.ts';
import { type Outcome, readRows, type TextFile } from './text-rows.ts';
import { mapReader, type Title, titleReader } from './titles.ts';
import type { Source } from './types.ts';

export type SequencesOptions = {
  file: string;
  /** `pairs`: `user item` a line. `rows`: `user item item …` a line. Found out by itself. */
  format?: 'pairs' | 'rows';
  titles?: string;
  map?: string;
};

/** Step n of a person's sequence is this many milliseconds after the first: an order, not a time. */
const STEP = 60_000;
const START = Date.UTC(2000, 0, 1);
const ID_LIMIT = 256;

/**
 * Histories without times: items are images, each interaction a `like`, one synthetic minute after the one
 * before it. Titles (MovieLens' notation, the genres as tags) come from another file, by way of an id map.
 */
export async function openSequences(options: SequencesOptions): Promise<Source> {
  const { file } = options;
  const format = options.format ?? (await detectFormat(file));
  const files = [options.titles, options.map, file].filter((path) => path !== undefined);
  return {
    kind: 'sequences',
    files,
    read() {
      const titles = new Map<string, Title>();
      const map = new Map<string, string>();
      const texts: TextFile[] = [{ path: file, share: 1, parse: sequenceReader(file, format, titles, map) }];
      if (options.map) texts.unshift({ path: options.map, share: 0, parse: mapReader(map) });
      if (options.titles) texts.unshift({ path: options.titles, share: 0, parse: titleReader(titles) });
      return readRows(texts);
    },
  };
}

/** Where one of the first lines has a third word, the file has rows. */
async function detectFormat(file: string): Promise<'pairs' | 'rows'> {
  for await (const { lines } of readLines(file))
    return lines.slice(0, 10_000).some((line) => line === undefined || wordsOf(line).length > 2)
      ? 'rows'
      : 'pairs';
  return 'pairs';
}

function sequenceReader(
  file: string,
  format: 'pairs' | 'rows',
  titles: Map<string, Title>,
  map: Map<string, string>,
) {
  const dataset = datasetOf(file);
  const seen = new Set<string>();
  const lengths = new Map<string, number>();

  return (line: string): Outcome => {
    const [user, ...items] = wordsOf(line);
    if (user === undefined) return null;
    if (items.length === 0 || (format === 'pairs' && items.length > 1))
      return { reject: { code: 'row-invalid', detail: line } };
    if (!isCleanText(line)) return { reject: { code: 'text-unclean' } };
    if (user.length > ID_LIMIT || items.some((item) => item.length > ID_LIMIT))
      return { reject: { code: 'id-too-long', detail: line } };
    const before = lengths.get(user) ?? 0;
    lengths.set(user, before + items.length);
    const fresh = items.filter((item) => !seen.has(item) && seen.add(item));
    return {
      events: items.map((item, index) => eventOf(dataset, user, item, before + index)),
      items: fresh.length > 0 ? fresh.map((id) => itemOf(id, titles.get(map.get(id) ?? id))) : undefined,
    };
  };
}

const itemOf = (id: string, title: Title | undefined): ItemInput => ({ kind: 'image', id, ...title });

const eventOf = (dataset: string, userId: string, itemId: string, step: number): ImportedEvent => ({
  eventId: eventIdOf(dataset, userId, step),
  userId,
  itemKind: 'image',
  itemId,
  type: 'like',
  occurredAt: timeOf(step),
  synthetic: true,
});

const times: string[] = [];
const timeOf = (step: number) => {
  times[step] ??= new Date(START + step * STEP).toISOString();
  return times[step];
};

const wordsOf = (line: string) => line.split(/\s+/u).filter((word) => word !== '');
