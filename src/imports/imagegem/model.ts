import type { ItemInput } from '../../catalog/types.ts';
import { plainText } from '../../text/index.ts';
import type { ParquetRow } from '../parquet/reader.ts';
import type { Outcome } from '../text-rows.ts';
import { flagOf, idOf, instantOf, listOf, numberOf, present, textOf } from './fields.ts';

export const MODEL_COLUMNS = {
  required: ['modelVersionId', 'modelName', 'userHash'],
  optional: [
    ...['modelId', 'modelVersionName', 'fileId', 'fileName', 'modelDescription', 'modelVersionDescription'],
    ...['allowNoCredit', 'allowCommercialUse', 'allowDerivatives', 'allowDifferentLicense', 'modelType'],
    ...['minor', 'poi', 'modelNsfwLevel', 'modelVersionNsfwLevel', 'cosmetic', 'tags', 'publishedAt'],
    ...['baseModel', 'baseModelType', 'availability', 'trainedWords', 'sizeKB', 'fileType', 'fp', 'format'],
    ...[
      'pickleScanResult',
      'virusScanResult',
      'hashAutoV1',
      'hashAutoV2',
      'hashSHA256',
      'hashCRC32',
      'hashBLAKE3',
    ],
    ...[
      'downloadUrl',
      'primary',
      'downloadCount',
      'ratingCount',
      'rating',
      'thumbsUpCount',
      'thumbsDownCount',
    ],
  ],
};

const DESCRIPTION_LIMIT = 20_000;
const PROMPT_LIMIT = 20_000;
const TAG_LIMIT = 64;
const TAGS_LIMIT = 100;

/** A row of the model table: one file of a model version. The version is the item, its uploader the creator. */
export function readModel(row: ParquetRow): Outcome {
  const id = idOf(row.modelVersionId);
  if (id === undefined) return { reject: { code: 'model-version-id-invalid' } };
  const name = textOf(row.modelName);
  if (name === undefined) return { reject: { code: 'model-name-invalid', detail: `model version ${id}` } };
  return { items: [itemOf(row, id, name)] };
}

const itemOf = (row: ParquetRow, id: string, name: string): ItemInput => ({
  kind: 'model',
  id,
  title: [name, textOf(row.modelVersionName)].filter(Boolean).join(' · ').slice(0, 512).toWellFormed(),
  creatorId: idOf(row.userHash),
  tags: listOf(row.tags)
    .filter((tag) => tag.length <= TAG_LIMIT)
    .slice(0, TAGS_LIMIT),
  // What one writes to call the model up: it is to a model what the prompt is to an image.
  prompt: textOf(row.trainedWords)?.slice(0, PROMPT_LIMIT).toWellFormed(),
  description: descriptionOf(row),
  browsingLevel: numberOf(row.modelVersionNsfwLevel) || numberOf(row.modelNsfwLevel),
  minor: flagOf(row.minor),
  poi: flagOf(row.poi),
  availability: availabilityOf(row.availability),
  licence: {
    commercialUse: allowsCommercialUse(row.allowCommercialUse),
    derivatives: flagOf(row.allowDerivatives),
    noCredit: flagOf(row.allowNoCredit),
  },
  createdAt: instantOf(row.publishedAt),
  attributes: attributesOf(row),
});

function descriptionOf(row: ParquetRow): string | undefined {
  const html = [textOf(row.modelDescription), textOf(row.modelVersionDescription)].filter(Boolean).join('\n');
  return html === '' ? undefined : plainText(html).slice(0, DESCRIPTION_LIMIT).toWellFormed();
}

/** Early access is public, for a price at first; a model that may not be found by search is not for lists. */
function availabilityOf(cell: unknown): 'public' | 'private' | undefined {
  const word = textOf(cell)?.toLowerCase();
  if (word === undefined) return undefined;
  return ['public', 'earlyaccess'].includes(word) ? 'public' : 'private';
}

/** `{Image,RentCivit,Rent,Sell}`, one of the words, or a flag: may pictures made with it (or it itself) be sold? */
function allowsCommercialUse(cell: unknown): boolean | undefined {
  const flag = flagOf(cell);
  if (flag !== undefined) return flag;
  const words = textOf(cell)
    ?.toLowerCase()
    .match(/[a-z]+/gu);
  return words?.some((word) => word === 'image' || word === 'sell');
}

function attributesOf(row: ParquetRow): Record<string, unknown> {
  const hashes = present({
    autoV1: textOf(row.hashAutoV1),
    autoV2: textOf(row.hashAutoV2),
    sha256: textOf(row.hashSHA256),
    crc32: textOf(row.hashCRC32),
    blake3: textOf(row.hashBLAKE3),
  });
  return present({
    modelId: idOf(row.modelId),
    modelType: textOf(row.modelType),
    baseModel: textOf(row.baseModel),
    baseModelType: textOf(row.baseModelType),
    fileId: idOf(row.fileId),
    primary: flagOf(row.primary) ?? false,
    fileName: textOf(row.fileName),
    fileType: textOf(row.fileType),
    format: textOf(row.format),
    fp: textOf(row.fp),
    sizeKB: numberOf(row.sizeKB),
    hashes: Object.keys(hashes).length > 0 ? hashes : undefined,
    downloadUrl: textOf(row.downloadUrl),
    pickleScan: textOf(row.pickleScanResult),
    virusScan: textOf(row.virusScanResult),
    cosmetic: textOf(row.cosmetic) ?? flagOf(row.cosmetic),
    allowCommercialUse: textOf(row.allowCommercialUse),
    allowDifferentLicense: flagOf(row.allowDifferentLicense),
    downloads: numberOf(row.downloadCount),
    ratings: numberOf(row.ratingCount),
    rating: numberOf(row.rating),
    thumbsUp: numberOf(row.thumbsUpCount),
    thumbsDown: numberOf(row.thumbsDownCount),
  });
}
