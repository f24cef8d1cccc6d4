import type { Catalog } from '../../catalog/index.ts';
import type { ContentSpace, ItemKind } from '../../catalog/types.ts';
import type { Config } from '../../config.ts';
import type { Database } from '../../db/index.ts';
import type { Events } from '../../events/index.ts';
import type { ImageLoader } from '../../images/index.ts';
import { openSendable } from '../../images/index.ts';
import type { Log } from '../../log.ts';
import type { ClipEncoder, ReadPictures, TowerArtifact } from '../../models/index.ts';
import { learnedFrom, RANKING, UNHEARD } from '../../rerank/index.ts';
import { describeByVlm, readVocabulary } from '../../taste/index.ts';
import type { ToxicityScorer } from '../../text/index.ts';
import type { VectorReader } from '../../vectors/port.ts';
import { openVlm } from '../../vlm/index.ts';
import { unmeasurable } from '../errors.ts';
import { type CostFigures, costFigures, type RankerFigures, rankerFigures } from './figures.ts';
import { makeLists, type RerankList } from './lists.ts';
import {
  type ClientOrder,
  type JudgedList,
  type Judging,
  judgeList,
  type Ranker,
  type Taste,
  tasteAt,
} from './measure.ts';
import { towersInForce } from './towers.ts';

export type { ClientOrder, Judging } from './measure.ts';
export { rerankTable } from './table.ts';
export { towersInForce } from './towers.ts';

export type RerankOptions = {
  kind: ItemKind;
  lists: number;
  seed: number;
  part: 'tuning' | 'test';
  clientOrders: readonly ClientOrder[];
};
export type RerankReport = {
  kind: ItemKind;
  part: 'tuning' | 'test';
  seed: number;
  model: string;
  /** Version of the two towers that the lists were made with; null without. */
  towers: string | null;
  /** Lists judged, the people they are of, and the likes that were looked at to find them. */
  lists: number;
  people: number;
  asked: number;
  ranking: { orders: number; batchSize: number; anchors: number };
  byClientOrder: Partial<Record<ClientOrder, { rankers: Record<Ranker, RankerFigures>; cost: CostFigures }>>;
  /** NDCG@5 of the list handed over one way less that of the other way. */
  spread: Record<string, { 'one-order': number; aggregated: number; served: number }>;
};

type Parts = {
  db: Database;
  catalog: Pick<Catalog, 'columns' | 'vectors'>;
  events: Pick<Events, 'deeds' | 'interactionLog'>;
  vectors: VectorReader;
  contentSpace: { current(): ContentSpace };
  images: Pick<ImageLoader, 'load'>;
  clip: { encoder: Pick<ClipEncoder, 'id' | 'encodeText'> | null };
  toxicity: ToxicityScorer;
  config: Config;
  log: Log;
  readPictures?: ReadPictures;
};

/**
 * Describe, then rank, measured on the log of this database: does it find what the person liked afterwards?
 * @throws HamletError `vlm-missing`, `vocabulary-missing`, `lists-missing` (422)
 */
export async function evaluateRerank(
  parts: Parts,
  options: RerankOptions,
  progress: (fraction: number, note: string) => void = () => {},
): Promise<RerankReport> {
  const towers = await towersInForce(parts, options.kind);
  return measureRerank({ ...parts, towers }, await openJudging(parts, options.kind), options, progress);
}

type ListParts = Pick<
  Parts,
  'catalog' | 'events' | 'vectors' | 'contentSpace' | 'config' | 'readPictures'
> & {
  towers: TowerArtifact | null;
};
/** Lists with the tastes of their people, to be judged in more than one way. */
export type Prepared = { lists: RerankList[]; tastes: Taste[]; asked: number; towers: string | null };

/** The same with a model that is handed in. */
export async function measureRerank(
  parts: ListParts,
  judging: Judging,
  options: RerankOptions,
  progress: (fraction: number, note: string) => void = () => {},
): Promise<RerankReport> {
  const prepared = await prepareRerank(parts, judging, options, (part, note) => progress(part * 0.2, note));
  return measurePrepared(prepared, judging, options, (part, note) => progress(0.2 + 0.8 * part, note));
}

export async function prepareRerank(
  parts: ListParts,
  judging: Judging,
  options: RerankOptions,
  progress: (fraction: number, note: string) => void = () => {},
): Promise<Prepared> {
  const { lists, asked } = await makeLists(parts, options, (part, note) => progress(part / 2, note));
  if (lists.length === 0) throw unmeasurable('lists-missing', 'The log holds no like to hold out.');
  const tastes: Taste[] = [];
  for (const list of lists) {
    tastes.push(await tasteAt(list, judging));
    progress((1 + tastes.length / lists.length) / 2, 'tastes');
  }
  return { lists, tastes, asked, towers: parts.towers?.version ?? null };
}

export async function measurePrepared(
  { lists, tastes, asked, towers }: Prepared,
  judging: Judging,
  options: RerankOptions,
  progress: (fraction: number, note: string) => void = () => {},
): Promise<RerankReport> {
  const byClientOrder: RerankReport['byClientOrder'] = {};
  for (const [n, client] of options.clientOrders.entries()) {
    const judged = await judgeAll({ lists, tastes, client, judging }, (part) =>
      progress((n + part) / options.clientOrders.length, client),
    );
    byClientOrder[client] = { rankers: rankerFigures(lists, judged), cost: costFigures(judged) };
  }
  const { orders, batchSize, anchors } = RANKING;
  return {
    ...{ kind: options.kind, part: options.part, seed: options.seed, model: judging.vlm.model, towers },
    ...{ lists: lists.length, people: new Set(lists.map(({ state }) => state.id)).size, asked },
    ...{ ranking: { orders, batchSize, anchors }, byClientOrder, spread: spreadsOf(byClientOrder) },
  };
}

async function openJudging(parts: Parts, kind: ItemKind): Promise<Judging> {
  const vlm = openVlm(parts.config, parts.log);
  if (vlm === null) throw unmeasurable('vlm-missing', 'Set VLM_BASE_URL to what is to be measured.');
  const vocabulary = await readVocabulary({ ...parts, encoder: parts.clip.encoder });
  if (vocabulary === null)
    throw unmeasurable(
      'vocabulary-missing',
      'Too few pictures have a CLIP vector: `hamlet embed` makes them.',
    );
  const sendable = openSendable(parts.images, parts.config.VLM_PICTURE_SIDE);
  const { db, catalog } = parts;
  const describer = describeByVlm({ ...parts, vlm, sendable });
  return { db, catalog, vlm, sendable, describer, vocabulary, kind };
}

/** What these have taught is known to the next ones: the same lists give the same figures. */
const AT_ONCE = 2;

async function judgeAll(
  all: { lists: RerankList[]; tastes: Taste[]; client: ClientOrder; judging: Judging },
  progress: (fraction: number) => void,
): Promise<JudgedList[]> {
  const { lists, tastes, client, judging } = all;
  const judged: JudgedList[] = [];
  let known = UNHEARD;
  for (let from = 0; from < lists.length; from += AT_ONCE) {
    const some = await Promise.all(
      lists
        .slice(from, from + AT_ONCE)
        .map((list, n) => judgeList(list, tastes[from + n]!, client, judging, known)),
    );
    judged.push(...some);
    for (const { lesson } of some) if (lesson !== null) known = learnedFrom(known, lesson);
    progress(judged.length / lists.length);
  }
  return judged;
}

function spreadsOf(by: RerankReport['byClientOrder']): RerankReport['spread'] {
  const pairs: [ClientOrder, ClientOrder][] = [
    ['identity', 'reversed'],
    ['gold-first', 'gold-last'],
  ];
  return Object.fromEntries(
    pairs.flatMap(([a, b]) => {
      const [one, other] = [by[a], by[b]];
      if (one === undefined || other === undefined) return [];
      const of = (ranker: Ranker) =>
        one.rankers[ranker]['NDCG@5'].mean - other.rankers[ranker]['NDCG@5'].mean;
      return [
        [`${a} − ${b}`, { 'one-order': of('one-order'), aggregated: of('additive'), served: of('served') }],
      ];
    }),
  );
}
