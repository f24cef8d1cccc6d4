import type { ItemKind } from '../../catalog/types.ts';
import type { Log } from '../../log.ts';
import { collectionName, madeAt } from '../names.ts';
import type { CollectionSpec } from '../port.ts';
import type { Connection } from './connect.ts';
import { PAYLOAD_INDEXES } from './filter.ts';
import { HNSW } from './search-params.ts';
import { requireServer } from './server-version.ts';

/** Names behind which nobody serves are left to whoever builds them for so long. */
const ABANDONED_MS = 24 * 3_600_000;

export type Collections = {
  /** What searches ask: always the collection that is served now. */
  alias(kind: ItemKind): string;
  /** Name of the collection behind the alias; undefined when there is none. */
  aliased(kind: ItemKind): Promise<string | undefined>;
  /** @throws HamletError `collection-unknown` (400) */
  spec(kind: ItemKind, name: string): Promise<CollectionSpec>;
  create(spec: CollectionSpec): Promise<string>;
  /** Switches the alias in one atomic update; what it pointed at before goes. */
  activate(kind: ItemKind, name: string): Promise<void>;
};

export function qdrantCollections({ serve, maintain }: Connection, prefix: string, log: Log): Collections {
  const alias = (kind: ItemKind) => `${prefix}-${kind}`;

  async function aliased(kind: ItemKind): Promise<string | undefined> {
    const { aliases } = await serve((client) => client.getAliases());
    return aliases.find(({ alias_name }) => alias_name === alias(kind))?.collection_name;
  }

  async function spec(kind: ItemKind, name: string): Promise<CollectionSpec> {
    const { config } = await serve((client) => client.getCollection(name));
    const spaces: Record<string, number> = {};
    const vectors: Record<string, unknown> = config.params.vectors ?? {};
    for (const [space, params] of Object.entries(vectors))
      if (typeof params === 'object' && params !== null && 'size' in params)
        spaces[space] = Number(params.size);
    return { kind, spaces };
  }

  /** Indexes before the first point: Qdrant links its graph along what is indexed when it builds it. */
  async function create(spec: CollectionSpec): Promise<string> {
    await requireServer(serve);
    const name = collectionName(spec, prefix);
    const vectors = Object.fromEntries(
      Object.entries(spec.spaces).map(([space, size]) => [space, { size, distance: 'Cosine' as const }]),
    );
    await maintain((client) => client.createCollection(name, { vectors, hnsw_config: HNSW }));
    for (const [field_name, field_schema] of Object.entries(PAYLOAD_INDEXES))
      await maintain((client) =>
        client.createPayloadIndex(name, { field_name, field_schema, wait: true, ordering: 'strong' }),
      );
    return name;
  }

  async function activate(kind: ItemKind, name: string): Promise<void> {
    const before = await aliased(kind);
    await maintain((client) =>
      client.updateCollectionAliases({
        actions: [
          ...(before === undefined ? [] : [{ delete_alias: { alias_name: alias(kind) } }]),
          { create_alias: { alias_name: alias(kind), collection_name: name } },
        ],
      }),
    );
    try {
      if (before !== undefined && before !== name)
        await maintain((client) => client.deleteCollection(before));
      await dropAbandoned(kind, name);
    } catch (error) {
      log.warn({ err: error, kind }, 'a collection that is no longer served could not be removed');
    }
  }

  /** Builds that ended half-way, in a crash. */
  async function dropAbandoned(kind: ItemKind, serving: string): Promise<void> {
    const { collections } = await serve((client) => client.getCollections());
    for (const { name } of collections) {
      const made = madeAt(name, kind, prefix);
      if (made === undefined || name === serving || Date.now() - made < ABANDONED_MS) continue;
      await maintain((client) => client.deleteCollection(name));
    }
  }

  return { alias, aliased, spec, create, activate };
}
