import t from 'tap';
import { importImagegem } from '../../../src/imports/index.ts';
import { testDatabase } from '../../support/database.ts';
import {
  dyingAt,
  importParts,
  logOf,
  newFolder,
  parquetOf,
  rejectsOf,
  tallies,
  write,
} from '../../support/imports.ts';

const folder = newFolder(t);
const MADE = new Date('2024-03-01T10:00:00Z');
type Row = Record<string, unknown>;
const modelRow = (more: Row = {}): Row => ({
  ...{
    modelId: 1,
    modelVersionId: 11,
    modelName: 'Ink',
    modelVersionName: 'v1',
    userHash: 'maker',
    fileId: 1,
  },
  ...{
    primary: 1,
    tags: 'ink, style',
    trainedWords: 'inkwash, brush',
    modelVersionNsfwLevel: 1,
    minor: false,
  },
  ...{ poi: false, availability: 'Public', allowCommercialUse: '{Image,Sell}', publishedAt: MADE },
  ...{ modelDescription: '<p>Soft <b>ink</b></p>', baseModel: 'SD 1.5' },
  ...more,
});
const imageRow = (more: Row = {}): Row => ({
  ...{ imageId: 101, modelVersionId: 11, userHash: 'ann', createdAt: MADE, browsingLevel: 1, type: 'image' },
  ...{ url: 'https://example.org/101.jpeg', prompt: 'a castle <lora:ink:0.8>', likeCount: 7, heartCount: 2 },
  ...more,
});
let files = 0;
const tableOf = (rows: Row[], rowGroupSize?: number) =>
  write(folder, `table-${++files}.parquet`, parquetOf(rows, rowGroupSize));

const fresh = async (t: { teardown(close: () => unknown): void }) => {
  const db = await testDatabase(t);
  return { db, parts: await importParts(t, db, newFolder(t)) };
};

t.test(
  'rows of one image are one image with several models, and each says who made it with which',
  async (t) => {
    const { db, parts } = await fresh(t);
    const models = tableOf([modelRow(), modelRow({ modelVersionId: 12 })]);
    // The two rows lie in different row groups, with others between them.
    const others = Array.from({ length: 30 }, (_, n) => imageRow({ imageId: 500 + n, userHash: 'bob' }));
    const images = tableOf([imageRow(), ...others, imageRow({ modelVersionId: 12 })], 10);
    const report = await importImagegem(parts, { models, images });
    t.match(report, { accepted: 32, rejected: 0, rows: 34 });
    const image = await parts.catalog.get('image', '101');
    t.same(image?.modelIds.toSorted(), ['11', '12']);
    t.match(image, { creatorId: 'ann', createdAt: MADE.toISOString(), effectiveLevel: 1, prompt: /castle/ });
    t.match((await logOf(db)).ann, ['generate model:11', 'generate model:12']);
    t.same(await tallies(db), { events: 32, distinct_events: 32, keys: 32, seqs: 32, items: 33 });
  },
);

t.test('reaction counts describe the image and are nobody’s events', async (t) => {
  const { db, parts } = await fresh(t);
  await importImagegem(parts, { images: tableOf([imageRow({ likeCount: 5000 })]) });
  t.match((await parts.catalog.get('image', '101'))?.attributes, { reactions: { like: 5000, heart: 2 } });
  t.same(await logOf(db), { ann: ['generate model:11'] });
});

t.test('of a model version’s files the primary one speaks, wherever it stands', async (t) => {
  const second = { fileId: 2, primary: 0, fileName: 'second.safetensors' };
  const first = { fileId: 3, primary: 1, fileName: 'primary.safetensors' };
  for (const rows of [
    [modelRow(second), modelRow(first)],
    [modelRow(first), modelRow(second)],
  ]) {
    const { parts } = await fresh(t);
    await importImagegem(parts, { models: tableOf(rows) });
    t.match((await parts.catalog.get('model', '11'))?.attributes, { fileName: 'primary.safetensors' });
  }
  // Also across imports: a later file that is not primary changes nothing.
  const { parts } = await fresh(t);
  await importImagegem(parts, { models: tableOf([modelRow(first)]) });
  t.match(await importImagegem(parts, { models: tableOf([modelRow(second)]) }), { items: 0, unchanged: 1 });
  t.match((await parts.catalog.get('model', '11'))?.attributes, { fileName: 'primary.safetensors' });
});

t.test('a model is its version: name, words, licence, plain description, uploader as creator', async (t) => {
  const { parts } = await fresh(t);
  await importImagegem(parts, { models: tableOf([modelRow()]) });
  const model = await parts.catalog.get('model', '11');
  t.match(model, { title: 'Ink · v1', creatorId: 'maker', tags: ['ink', 'style'], prompt: 'inkwash, brush' });
  t.match(model?.attributes, { baseModel: 'SD 1.5', modelId: '1', primary: true });
  t.equal(model?.description, 'Soft ink');
});

t.test('images by a model’s uploader show it off, the others are what people made with it', async (t) => {
  const { db, parts } = await fresh(t);
  const images = tableOf([
    imageRow({ imageId: 1, userHash: 'maker' }),
    imageRow({ imageId: 2, userHash: 'ann' }),
  ]);
  await importImagegem(parts, { models: tableOf([modelRow()]), images });
  // A model that is stored already, from another import.
  const later = tableOf([imageRow({ imageId: 3, userHash: 'maker' })]);
  await importImagegem(parts, { images: later });
  const { rows } = await db.pool.query(
    'select id, flags & 128 > 0 as showcase from items where kind = 1 order by id',
  );
  t.same(rows, [
    { id: '1', showcase: true },
    { id: '2', showcase: false },
    { id: '3', showcase: true },
  ]);
});

t.test(
  'a level of 0, or none, is unknown and held; flags count as the highest; blocked stays out',
  async (t) => {
    const { parts } = await fresh(t);
    const levels = [1, 0, null, 5, 32];
    const images = tableOf(levels.map((browsingLevel, n) => imageRow({ imageId: n, browsingLevel })));
    await importImagegem(parts, { images });
    const effective = levels.map(
      async (_, n) => (await parts.catalog.get('image', String(n)))?.effectiveLevel,
    );
    t.same(await Promise.all(effective), [1, 0, 0, 4, 32]);
    t.match(await parts.catalog.counts(), { heldBack: 2 });
  },
);

t.test('importing again changes nothing', async (t) => {
  const { db, parts } = await fresh(t);
  const options = { models: tableOf([modelRow()]), images: tableOf([imageRow(), imageRow({ imageId: 2 })]) };
  await importImagegem(parts, options);
  const once = await tallies(db);
  t.match(await importImagegem(parts, options), { accepted: 0, duplicate: 2, items: 0, unchanged: 3 });
  t.same(await tallies(db), once);
});

t.test(
  'killed after models and images were stored but before that was noted, it goes on to the same end',
  async (t) => {
    const options = {
      models: tableOf([modelRow(), modelRow({ modelVersionId: 12, fileId: 2 })]),
      images: tableOf([imageRow(), imageRow({ modelVersionId: 12 }), imageRow({ imageId: 2 })]),
    };
    const { db, parts } = await fresh(t);
    await t.rejects(importImagegem(dyingAt(parts, 1), options), { message: 'killed here' });
    t.match(await importImagegem(parts, options), { accepted: 0, duplicate: 3, items: 0, unchanged: 4 });
    t.same(await tallies(db), { events: 3, distinct_events: 3, keys: 3, seqs: 3, items: 4 });
    t.same((await parts.catalog.get('image', '101'))?.modelIds.toSorted(), ['11', '12']);
  },
);

t.test('rows that cannot be used are rejected by themselves', async (t) => {
  const { db, parts } = await fresh(t);
  const images = tableOf([
    imageRow({ imageId: null }),
    imageRow({ imageId: 2, type: 'video' }),
    imageRow({ imageId: 3, createdAt: new Date('2999-01-01') }),
    imageRow({ imageId: 4, url: 'javascript:alert(1)' }),
    imageRow({ imageId: 5, browsingLevel: 99 }),
    imageRow({ imageId: 6, prompt: 'nul \u0000' }),
    imageRow({ imageId: 7, prompt: 'p'.repeat(30_000) }),
    imageRow({ imageId: 8, modelVersionId: null }),
    imageRow({ imageId: 9, userHash: null }),
    imageRow({ imageId: 10 }),
  ]);
  const report = await importImagegem(parts, { images });
  t.match(report, { accepted: 1, rejected: 7, items: 3 });
  t.same(
    rejectsOf(report).map(({ line, code }) => `${line} ${code}`),
    [
      ...['1 image-id-invalid', '2 type-not-image', '3 created-at-invalid', '4 url-invalid'],
      ...['5 browsing-level-invalid', '6 text-unclean', '7 text-too-long'],
    ],
  );
  t.same(await logOf(db), { ann: ['generate model:11'] }, 'of a refused image no event is stored');
});
