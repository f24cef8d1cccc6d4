import t from 'tap';
import { worldSize } from '../../../seed/index.ts';
import { exportTables } from '../../../seed/tables/index.ts';
import { makeWorld } from '../../../seed/world.ts';
import { importImagegem } from '../../../src/imports/index.ts';
import { testDatabase } from '../../support/database.ts';
import { columnsOf, importParts, newFolder } from '../../support/imports.ts';

const world = makeWorld(worldSize('small'));
const folder = newFolder(t);
const tables = await exportTables(world, folder);

t.test('the tables have ImageGem’s columns, in its order', async (t) => {
  const images = await columnsOf(tables.images.file);
  const models = await columnsOf(tables.models.file);
  t.equal(images.length, 29);
  t.equal(models.length, 45);
  t.same([images.at(0), images.at(10), images.at(28)], ['imageId', 'seed', 'userHash']);
  t.same([models.at(0), models.at(21), models.at(44)], ['modelId', 'modelVersionNsfwLevel', 'userHash']);
});

t.test('the import takes them in whole, and finds the world in them again', async (t) => {
  const db = await testDatabase(t);
  const parts = await importParts(t, db, newFolder(t));
  const files = { images: tables.images.file, models: tables.models.file };
  const rows = tables.images.rows + tables.models.rows;
  t.match(await importImagegem(parts, files), { rows, rejected: 0, accepted: tables.images.rows });
  t.match(await parts.catalog.counts(), { images: 200, models: 40 });

  for (const item of world.items) {
    const found = await parts.catalog.get(item.kind, item.id);
    t.match(found, { creatorId: item.creatorId, createdAt: item.createdAt });
    if (item.kind === 'image') {
      const { url, prompt, negativePrompt, attributes, browsingLevel } = item;
      const { sampler, steps, seed } = attributes as Record<string, unknown>;
      t.match(found, { url, prompt, negativePrompt, browsingLevel: browsingLevel ?? null });
      t.match(found!.attributes, { sampler, steps, seed, width: 512 });
      t.same(found!.modelIds.toSorted(), item.modelIds!.toSorted());
    } else {
      const card = world.cards.find(({ id }) => id === item.id)!;
      t.match(found, { title: `${card.name} · v1.0`, prompt: card.trigger, tags: item.tags });
      t.match(found!.attributes, { primary: true, fileName: `${card.id}.safetensors` });
      t.equal(found!.description, item.description);
    }
  }
  const unrated = world.pictures.filter(({ level }) => level === undefined).length;
  t.equal((await parts.catalog.heldBack(100)).length, unrated, 'the unrated are held back here, too');
  t.match(await importImagegem(parts, files), { accepted: 0, items: 0, rejected: 0 }, 'twice is once');
});

t.test('reaction counts are those of the log', async (t) => {
  const db = await testDatabase(t);
  const parts = await importParts(t, db, newFolder(t));
  await importImagegem(parts, { images: tables.images.file });
  const likes = world.events.filter(({ type, itemKind }) => type === 'like' && itemKind === 'image');
  let counted = 0;
  for (const { id } of world.pictures)
    counted += ((await parts.catalog.get('image', id))!.attributes.reactions as { like: number }).like;
  t.equal(counted, likes.length);
});
