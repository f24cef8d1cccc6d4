import type { ItemInput } from '../../src/catalog/types.ts';
import type { ModelCard } from '../models.ts';
import type { World } from '../world.ts';
import { type Column, column } from './column.ts';
import { reactionsOf } from './reactions.ts';

type Row = { card: ModelCard; item: ItemInput; number: number; primary: boolean };

/** Every so many cards have a second file, as many on real platforms do; the primary one speaks for the model. */
const WITH_SECOND_FILE = 10;
/** Kilobytes a rank costs, about. */
const KB_A_RANK = 40;

/** ImageGem's model table: one row a file. */
export function modelTable(world: World): Column[] {
  const items = new Map(world.items.filter(({ kind }) => kind === 'model').map((item) => [item.id, item]));
  const reactions = reactionsOf(world, 'model');
  const rows = world.cards.flatMap((card, index): Row[] => {
    const row = { card, item: items.get(card.id)!, number: index + 1, primary: true };
    return index % WITH_SECOND_FILE === 0 ? [{ ...row, primary: false }, row] : [row];
  });
  const of = column(rows);
  const same = (value: unknown) => () => value;
  return [
    of('modelId', 'INT32', ({ number }) => 1000 + number),
    of('modelName', 'STRING', ({ card }) => card.name),
    of('modelVersionId', 'STRING', ({ card }) => card.id),
    of('modelVersionName', 'STRING', same('v1.0')),
    of('fileId', 'INT32', ({ number, primary }) => 20_000 + 2 * number + (primary ? 0 : 1)),
    of('fileName', 'STRING', ({ card, primary }) => `${card.id}${primary ? '' : '-early'}.safetensors`),
    of('modelDescription', 'STRING', ({ item }) => `<p>${item.description}</p>`),
    of('allowNoCredit', 'BOOLEAN', ({ item }) => item.licence?.noCredit),
    of('allowCommercialUse', 'STRING', ({ item }) => (item.licence?.commercialUse ? '{Image,Sell}' : '{}')),
    of('allowDerivatives', 'BOOLEAN', ({ item }) => item.licence?.derivatives),
    of('allowDifferentLicense', 'BOOLEAN', same(true)),
    of('modelType', 'STRING', same('LORA')),
    of('minor', 'BOOLEAN', same(false)),
    of('poi', 'BOOLEAN', same(false)),
    of('modelNsfwLevel', 'INT32', ({ item }) => item.browsingLevel),
    of('cosmetic', 'STRING', same(null)),
    of('tags', 'STRING', ({ item }) => item.tags!.join(', ')),
    of('publishedAt', 'TIMESTAMP', ({ item }) => new Date(item.createdAt!)),
    of('baseModel', 'STRING', same('SD 1.5')),
    of('baseModelType', 'STRING', same('Standard')),
    of('availability', 'STRING', same('Public')),
    of('modelVersionNsfwLevel', 'INT32', ({ item }) => item.browsingLevel),
    of('modelVersionDescription', 'STRING', same(null)),
    of('trainedWords', 'STRING', ({ card }) => card.trigger),
    of('sizeKB', 'DOUBLE', ({ card }) => card.rank * KB_A_RANK),
    of('fileType', 'STRING', same('Model')),
    of('fp', 'STRING', same('fp16')),
    of('format', 'STRING', same('SafeTensor')),
    of('pickleScanResult', 'STRING', same('Success')),
    of('pickleScanMessage', 'STRING', same('No Pickle imports')),
    of('virusScanResult', 'STRING', same('Success')),
    of('scannedAt', 'TIMESTAMP', ({ item }) => new Date(item.createdAt!)),
    ...['hashAutoV1', 'hashAutoV2', 'hashSHA256', 'hashCRC32', 'hashBLAKE3'].map((name) =>
      of(name, 'STRING', same(null)),
    ),
    of('downloadUrl', 'STRING', same(null)),
    of('primary', 'BOOLEAN', ({ primary }) => primary),
    of('downloadCount', 'INT32', ({ card }) => reactions(card.id, 'download')),
    of('ratingCount', 'INT32', same(0)),
    of('rating', 'DOUBLE', same(0)),
    of('thumbsUpCount', 'INT32', ({ card }) => reactions(card.id, 'like')),
    of('thumbsDownCount', 'INT32', ({ card }) => reactions(card.id, 'dislike')),
    of('userHash', 'STRING', ({ card }) => card.creator.id),
  ];
}
