import { parsePrompt } from '../../text/index.ts';
import { eventIdOf } from '../event-id.ts';
import type { ParquetRow } from '../parquet/reader.ts';
import type { Outcome } from '../text-rows.ts';
import { flagOf, idOf, instantOf, numberOf, present, textOf } from './fields.ts';

export const IMAGE_COLUMNS = {
  required: ['imageId', 'modelVersionId', 'userHash', 'createdAt', 'browsingLevel'],
  optional: [
    ...[
      'postId',
      'url',
      'hash',
      'nsfw',
      'type',
      'height',
      'width',
      'seed',
      'steps',
      'prompt',
      'negativePrompt',
    ],
    ...['sampler', 'cfgScale', 'clipSkip', 'hiresUpscale', 'hiresUpscaler', 'denoisingStrength', 'comfy'],
    ...['cryCount', 'laughCount', 'likeCount', 'dislikeCount', 'heartCount', 'commentCount'],
  ],
};

const LORAS_KEPT = 50;

/**
 * A row of the image table: a picture made by `userHash` with one model version, and the event that says so
 * (that person `generate`d with that model, then). Reaction counts describe the picture; they are nobody's events.
 */
export function readImage(row: ParquetRow): Outcome {
  const id = idOf(row.imageId);
  if (id === undefined) return { reject: { code: 'image-id-invalid' } };
  if (row.type !== undefined && row.type !== null && row.type !== 'image')
    return { reject: { code: 'type-not-image', detail: String(row.type) } };
  const createdAt = instantOf(row.createdAt);
  if (createdAt === undefined) return { reject: { code: 'created-at-invalid', detail: `image ${id}` } };
  const creatorId = idOf(row.userHash);
  const modelId = idOf(row.modelVersionId);
  const prompt = textOf(row.prompt);
  return {
    items: [
      {
        kind: 'image',
        id,
        createdAt,
        creatorId,
        prompt,
        url: textOf(row.url),
        negativePrompt: textOf(row.negativePrompt),
        browsingLevel: numberOf(row.browsingLevel),
        modelIds: modelId === undefined ? [] : [modelId],
        attributes: attributesOf(row, prompt),
      },
    ],
    events:
      creatorId === undefined || modelId === undefined
        ? undefined
        : [
            {
              eventId: eventIdOf('imagegem', id, modelId),
              userId: creatorId,
              itemKind: 'model',
              itemId: modelId,
              type: 'generate',
              occurredAt: createdAt,
            },
          ],
  };
}

function attributesOf(row: ParquetRow, prompt: string | undefined): Record<string, unknown> {
  const loras = prompt === undefined ? [] : parsePrompt(prompt).loras.slice(0, LORAS_KEPT);
  const reactions = present({
    like: numberOf(row.likeCount),
    heart: numberOf(row.heartCount),
    laugh: numberOf(row.laughCount),
    cry: numberOf(row.cryCount),
    dislike: numberOf(row.dislikeCount),
    comment: numberOf(row.commentCount),
  });
  return present({
    postId: idOf(row.postId),
    blurhash: textOf(row.hash),
    nsfw: textOf(row.nsfw) ?? flagOf(row.nsfw),
    width: numberOf(row.width),
    height: numberOf(row.height),
    seed: idOf(row.seed),
    steps: numberOf(row.steps),
    sampler: textOf(row.sampler),
    cfgScale: numberOf(row.cfgScale),
    clipSkip: numberOf(row.clipSkip),
    hiresUpscale: numberOf(row.hiresUpscale) ?? textOf(row.hiresUpscale),
    hiresUpscaler: textOf(row.hiresUpscaler),
    denoisingStrength: numberOf(row.denoisingStrength),
    comfy: flagOf(row.comfy),
    loras: loras.length > 0 ? loras : undefined,
    reactions: Object.keys(reactions).length > 0 ? reactions : undefined,
  });
}
