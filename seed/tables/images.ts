import type { ItemInput } from '../../src/catalog/types.ts';
import type { World } from '../world.ts';
import { blurhashOf } from './blurhash.ts';
import { type Column, column } from './column.ts';
import { reactionsOf } from './reactions.ts';

type Row = { item: ItemInput; modelId: string | null; post: number };

/** ImageGem's image table: one row an image and model version, so that images repeat. */
export function imageTable(world: World): Column[] {
  const reactions = reactionsOf(world, 'image');
  const rows = world.items
    .filter(({ kind }) => kind === 'image')
    .flatMap((item, post): Row[] => {
      const models: (string | null)[] = item.modelIds?.length ? item.modelIds : [null];
      return models.map((modelId) => ({ item, modelId, post: 10_000 + post }));
    });
  const of = column(rows);
  const setting = (name: string) => (row: Row) => row.item.attributes?.[name] ?? null;
  const count =
    (type: string) =>
    ({ item }: Row) =>
      reactions(item.id, type);
  return [
    of('imageId', 'STRING', ({ item }) => item.id),
    of('modelVersionId', 'STRING', ({ modelId }) => modelId),
    of('postId', 'INT32', ({ post }) => post),
    of('url', 'STRING', ({ item }) => item.url),
    of('hash', 'STRING', ({ item }) => blurhashOf(item.id)),
    of('nsfw', 'STRING', ({ item }) => nsfwOf(item.browsingLevel)),
    of('browsingLevel', 'INT32', ({ item }) => item.browsingLevel ?? null),
    of('type', 'STRING', () => 'image'),
    of('height', 'INT32', setting('height')),
    of('width', 'INT32', setting('width')),
    of('seed', 'STRING', setting('seed')),
    of('steps', 'INT32', setting('steps')),
    of('prompt', 'STRING', ({ item }) => item.prompt),
    of('negativePrompt', 'STRING', ({ item }) => item.negativePrompt),
    of('sampler', 'STRING', setting('sampler')),
    of('cfgScale', 'DOUBLE', setting('cfgScale')),
    of('clipSkip', 'INT32', setting('clipSkip')),
    of('hiresUpscale', 'DOUBLE', () => null),
    of('hiresUpscaler', 'STRING', () => null),
    of('denoisingStrength', 'DOUBLE', () => null),
    of('createdAt', 'TIMESTAMP', ({ item }) => new Date(item.createdAt!)),
    of('comfy', 'BOOLEAN', () => false),
    of('cryCount', 'INT32', count('cry')),
    of('laughCount', 'INT32', count('laugh')),
    of('likeCount', 'INT32', count('like')),
    of('dislikeCount', 'INT32', count('dislike')),
    of('heartCount', 'INT32', count('heart')),
    of('commentCount', 'INT32', () => 0),
    of('userHash', 'STRING', ({ item }) => item.creatorId),
  ];
}

function nsfwOf(level = 0): string {
  if (level >= 8) return 'X';
  if (level >= 4) return 'Mature';
  return level >= 2 ? 'Soft' : 'None';
}
