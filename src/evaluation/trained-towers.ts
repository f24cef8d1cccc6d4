import type { Catalog } from '../catalog/index.ts';
import type { ItemRef } from '../catalog/types.ts';
import { badInput } from '../errors.ts';
import {
  contentRows,
  grown,
  itemsOf,
  openSeeing,
  openTowers,
  type ReadContent,
  type ReadPictures,
  type TowerArtifact,
} from '../models/index.ts';
import type { OfflineRecommender, Question } from './types.ts';

/** What towers are told of items that they have no vector of. */
export type ItemContent = {
  columns: Pick<Catalog['columns'], 'tagsOf'>;
  readContent: ReadContent;
  /** For towers that see pictures by themselves. */
  readPictures?: ReadPictures;
};

/** As serving reads it. */
export const contentOf = ({
  catalog,
  readPictures,
}: {
  catalog: Pick<Catalog, 'columns' | 'vectors'>;
  readPictures?: ReadPictures;
}): ItemContent => ({
  columns: catalog.columns,
  readContent: (items) => catalog.vectors('clip', items),
  ...(readPictures && { readPictures }),
});

/**
 * Trained towers over the split's items: by their vectors, or by what content says of items that came later. Towers
 * that learned from histories of every kind are asked with the state of then, where the question has one.
 * @throws HamletError `artifact-foreign` (400) when they know none of them
 */
export function trainedTowers(
  artifact: TowerArtifact,
  ids: string[],
  content?: ItemContent,
): OfflineRecommender {
  return {
    async prepare({ training: { items } }) {
      const towers = await openTowers(artifact);
      const seeing =
        content &&
        artifact.vision &&
        openSeeing(artifact.vision, content.readContent, content.readPictures ?? (async () => new Map()));
      const read = seeing?.read ?? content?.readContent;
      const known = new Map(artifact.ids.map((id, column) => [id, column]));
      const theirs = Int32Array.from(ids, (id) => known.get(id) ?? -1);
      let all = itemsOf(artifact);
      const columnOfRef = new Map<ItemRef, number>();
      if (content !== undefined && artifact.item !== null) {
        const columnOf = new Map([...items].map((item, column) => [item, column]));
        const unknown = [...items].filter((_, column) => theirs[column]! < 0);
        const added = await contentRows(artifact, content.columns, unknown, read!);
        added.items.forEach((item, n) => {
          theirs[columnOf.get(item)!] = artifact.ids.length + n;
        });
        if (added.items.length > 0) all = grown(all, await towers.byContent(added.rows), true);
      }
      items.forEach((ref, column) => {
        if (theirs[column]! >= 0) columnOfRef.set(ref, theirs[column]!);
      });
      if (theirs.every((column) => column < 0))
        throw badInput('artifact-foreign', `${artifact.version} knows none of these items`);
      /** Without content; the past does not change, so they are asked about once. */
      const unseen = new Set<ItemRef>();
      /** What this state holds of any kind; what is not known yet is taken up by its content. */
      async function everything(state: NonNullable<Question['state']>): Promise<Int32Array> {
        const told = state.recent.filter(({ strength }) => strength >= artifact.minStrength);
        const unknown = told
          .map(({ item }) => item)
          .filter((item) => !columnOfRef.has(item) && !unseen.has(item));
        const added = await contentRows(artifact, content!.columns, unknown, read!);
        added.items.forEach((item, n) => {
          columnOfRef.set(item, all.weights.length + n);
        });
        for (const item of unknown) if (!columnOfRef.has(item)) unseen.add(item);
        if (added.items.length > 0) all = grown(all, await towers.byContent(added.rows), false);
        return Int32Array.from(told, ({ item }) => columnOfRef.get(item) ?? -1).filter(
          (column) => column >= 0,
        );
      }
      return {
        async score(history, scores, { strengths, state }) {
          const told = history.filter((_, n) => (strengths?.[n] ?? 1) >= artifact.minStrength);
          const asked =
            artifact.everyKind && content !== undefined && state !== undefined
              ? await everything(state)
              : told.map((column) => theirs[column]!).filter((column) => column >= 0);
          scores.fill(Number.NEGATIVE_INFINITY);
          if (asked.length === 0) return;
          const user = await towers.user(asked, all);
          for (let item = 0; item < scores.length; item++)
            if (theirs[item]! >= 0) scores[item] = product(user, all.vectors, theirs[item]!);
        },
      };
    },
  };
}

function product(user: Float32Array, vectors: Float32Array, column: number): number {
  let sum = 0;
  for (let d = 0, at = column * user.length; d < user.length; d++, at++) sum += user[d]! * vectors[at]!;
  return sum;
}
