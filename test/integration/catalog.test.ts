import t from 'tap';
import { type Catalog, servable } from '../../src/catalog/index.ts';
import type { ItemInput, ItemKind, SafetyPolicy } from '../../src/catalog/types.ts';
import type { Database } from '../../src/db/index.ts';
import { decide, effectiveLevel, openRule } from '../../src/safety/index.ts';
import { testCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';

const UNKNOWN: SafetyPolicy = { mode: 'unknown' };
const TRUSTED: SafetyPolicy = { mode: 'trusted' };
const image = (id: string, over: Partial<ItemInput> = {}): ItemInput => ({
  ...{ kind: 'image', id, title: `Picture ${id}`, url: `/pictures/${id}.svg`, browsingLevel: 1 },
  ...over,
});
const clock = async (db: Database) => {
  const { rows } = await db.pool.query("select value from clocks where name = 'catalogue'");
  return Number(rows[0].value);
};
const levelOf = ({ columns }: Catalog, id: string, kind: ItemKind = 'image') =>
  columns.level[columns.refOf(kind, id) ?? 0];

const db = await testDatabase(t);
const catalog = await testCatalog(db);

t.test('an item put is in the table, the columns and the cards', async (t) => {
  const whole = image('whole', {
    ...{ creatorId: 'ann', tags: ['castle', ' castle ', 'oil\npainting'], prompt: 'a castle', poi: true },
    ...{
      negativePrompt: 'nude',
      description: '<b>Old</b>',
      browsingLevel: 3,
      toxicity: 0.1,
      role: 'showcase',
    },
    ...{
      licence: { commercialUse: true },
      phash: 'fedcba9876543210',
      vector: [3, 0, 4, 0],
      modelIds: ['m1'],
    },
    ...{ createdAt: '2024-05-01T10:00:00+02:00', attributes: { likes: 3, nested: { a: ['ü'] } } },
  });
  const [result] = await catalog.put([whole], UNKNOWN);
  t.equal(result!.status, 'created');
  const { ref } = result!;
  const { columns } = catalog;
  t.equal(columns.refOf('image', 'whole'), ref);
  t.equal(columns.idOf(ref), 'whole');
  t.equal(columns.kind[ref], 1);
  t.equal(columns.level[ref], 2);
  t.equal(columns.flags[ref], 1 | 2 | 32 | 128);
  t.equal(columns.created[ref], Date.parse('2024-05-01T08:00:00Z') / 1000);
  t.equal(columns.phashHigh[ref], 0xfedcba98);
  t.equal(columns.phashLow[ref], 0x76543210);
  t.same(columns.tagsOf(ref), ['castle', 'oil painting']);
  t.same(await catalog.get('image', 'whole'), {
    ...{ kind: 'image', ref, id: 'whole', version: await clock(db), title: 'Picture whole' },
    ...{ url: '/pictures/whole.svg', creatorId: 'ann', tags: ['castle', 'oil painting'], prompt: 'a castle' },
    ...{ negativePrompt: 'nude', description: '<b>Old</b>', browsingLevel: 3, effectiveLevel: 2 },
    ...{ safetyReasons: [], safetyEvidence: null },
    ...{ safetySource: 'declared', toxicity: 0.1, toxicitySource: 'declared', flags: 163 },
    ...{ phash: 'fedcba9876543210', modelIds: ['m1'], createdAt: '2024-05-01T08:00:00.000Z' },
    attributes: { likes: 3, nested: { a: ['ü'] } },
  });
  t.equal(catalog.cardNow(ref), undefined);
  const card = {
    ...{ ref, kind: 'image', id: 'whole', title: 'Picture whole', url: '/pictures/whole.svg' },
    ...{ tags: ['castle', 'oil painting'], creatorId: 'ann' },
  };
  t.same((await catalog.cards([ref, 0, 999_999])).get(ref), card);
  t.same(catalog.cardNow(ref), card);
  t.same((await catalog.vectors('clip', [ref])).get(ref), new Float32Array([0.6, 0, 0.8, 0]));
  const text = (await catalog.vectors('text', [ref])).get(ref)!;
  t.ok(Math.abs(Math.hypot(...text) - 1) < 1e-6);
  const { rows } = await db.pool.query("select ref, stored from users where id = 'ann'");
  t.same(rows, [{ ref: columns.creator[ref], stored: false }]);
});

t.test('a score below what the database can hold is stored', async (t) => {
  const results = await catalog.put([image('tiny', { toxicity: 1e-50 }), image('next-to-tiny')], UNKNOWN);
  t.same(
    results.map(({ status }) => status),
    ['created', 'created'],
  );
  t.equal((await catalog.get('image', 'tiny'))!.toxicity, 0);
});

t.test('an item that only the database refuses is rejected alone', async (t) => {
  await db.pool.query(`
    create function refuse_title() returns trigger language plpgsql as $$ begin
      if new.title = 'refused' then raise exception 'no' using errcode = '22003'; end if; return new; end $$;
    create trigger refuse_title before insert or update on items for each row execute function refuse_title()`);
  t.teardown(() => db.pool.query('drop function refuse_title cascade'));
  const ids = ['d0', 'd1', 'd2', 'd3', 'd4'];
  const results = await catalog.put(
    ids.map((id) => image(id, id === 'd3' ? { title: 'refused' } : {})),
    UNKNOWN,
  );
  t.same(
    results.map(({ status }) => status),
    ['created', 'created', 'created', 'rejected', 'created'],
  );
  t.match(results[3], { ref: 0, code: 'value-invalid' });
  t.same(
    ids.map((id) => catalog.columns.refOf('image', id) !== undefined),
    [true, true, true, false, true],
  );
});

t.test('one bad item is named and takes nothing with it', async (t) => {
  const bad = { kind: 'image', id: 'bad', vector: [0, 0, 0, 0] } as ItemInput;
  const results = await catalog.put(
    [image('good1'), bad, image('nul', { title: 'a\0' }), image('good2')],
    UNKNOWN,
  );
  t.same(
    results.map(({ status, code, pointer }) => [status, code, pointer]),
    [
      ['created', undefined, undefined],
      ['rejected', 'vector-invalid', '/vector'],
      ['rejected', 'text-unclean', '/title'],
      ['created', undefined, undefined],
    ],
  );
});

t.test('the same item again is unchanged and moves no clock', async (t) => {
  const items = [image('same', { tags: ['a'], attributes: { x: 1 }, vector: [1, 2, 3, 4] }), image('same2')];
  const [first] = await catalog.put(items, UNKNOWN);
  const before = await clock(db);
  const again = await catalog.put(structuredClone(items), UNKNOWN);
  t.same(
    again.map(({ status }) => status),
    ['unchanged', 'unchanged'],
  );
  t.equal(again[0]!.ref, first!.ref);
  t.equal(await clock(db), before);
  const [third] = await catalog.put([items[0]!], TRUSTED);
  t.equal(third!.status, 'updated', 'another safety policy is another statement about the item');
});

t.test('a put replaces the whole item and drops its old card and vectors', async (t) => {
  const [{ ref } = { ref: 0 }] = await catalog.put(
    [image('replaced', { tags: ['old'], prompt: 'old words', vector: [1, 0, 0, 0] })],
    UNKNOWN,
  );
  await catalog.cards([ref]);
  const [result] = await catalog.put([{ kind: 'image', id: 'replaced', browsingLevel: 4 }], UNKNOWN);
  t.same(result, { ref, status: 'updated' });
  t.equal(catalog.columns.level[ref], 4);
  t.same(catalog.columns.tagsOf(ref), []);
  t.equal(catalog.cardNow(ref), undefined);
  t.equal((await catalog.cards([ref])).get(ref)!.title, '');
  t.equal((await catalog.vectors('clip', [ref])).size, 0);
  t.equal((await catalog.vectors('text', [ref])).size, 0, 'no text, no text vector');
});

t.test('a vector that a model measured survives a put without one', async (t) => {
  const [{ ref } = { ref: 0 }] = await catalog.put([image('measured')], UNKNOWN);
  await db.pool.query("insert into item_vectors values ($1, 'clip', 'clip-tiny', $2)", [
    ref,
    Buffer.from(new Float32Array([1, 0, 0, 0]).buffer),
  ]);
  await catalog.put([image('measured', { title: 'New title' })], UNKNOWN);
  t.equal((await catalog.vectors('clip', [ref])).size, 1);
});

t.test('of several items of one name in a batch the last counts', async (t) => {
  const results = await catalog.put(
    [image('twice', { title: 'first' }), image('other'), image('twice', { title: 'last' })],
    UNKNOWN,
  );
  t.same(
    results.map(({ status }) => status),
    ['created', 'created', 'created'],
  );
  t.equal(results[0]!.ref, results[2]!.ref);
  t.equal((await catalog.get('image', 'twice'))!.title, 'last');
});

t.test('an image and a model may share an id', async (t) => {
  const [a, b] = await catalog.put(
    [image('shared'), { kind: 'model', id: 'shared', browsingLevel: 2 }],
    UNKNOWN,
  );
  t.not(a!.ref, b!.ref);
  t.equal(levelOf(catalog, 'shared', 'image'), 1);
  t.equal(levelOf(catalog, 'shared', 'model'), 2);
});

t.test('putting again and again uses up no numbers', async (t) => {
  const max = async () => Number((await db.pool.query('select max(ref) from items')).rows[0].max);
  await catalog.put([image('dense', { title: '0', creatorId: 'bob' })], UNKNOWN);
  const before = await max();
  for (let i = 1; i <= 20; i++)
    await catalog.put([image('dense', { title: `${i}`, creatorId: 'bob' })], UNKNOWN);
  const [next] = await catalog.put([image('dense-next')], UNKNOWN);
  t.equal(next!.ref, before + 1);
});

t.test('an event may name an item first; the item joins its placeholder when it comes', async (t) => {
  const client = await db.pool.connect();
  await client.query('begin');
  const names = [
    { kind: 'image' as const, id: 'early' },
    { kind: 'model' as const, id: 'early' },
    { kind: 'image' as const, id: 'early' },
  ];
  const refs = await catalog.ensureRefs(client, names);
  await client.query('commit');
  client.release();
  t.same([...refs.keys()], ['image:early', 'model:early']);
  const ref = refs.get('image:early')!;
  const { placeholders } = await catalog.counts();
  t.ok(placeholders >= 2);
  await catalog.catchUp(await clock(db));
  t.equal(catalog.columns.level[ref], 32, 'a placeholder is never served');
  t.equal(await catalog.get('image', 'early'), null);
  t.equal((await catalog.cards([ref])).size, 0);

  const [result] = await catalog.put([image('early')], UNKNOWN);
  t.same(result, { ref, status: 'created' });
  t.equal(catalog.columns.level[ref], 1);
  t.equal((await catalog.counts()).placeholders, placeholders - 1);
  const known = await catalog.ensureRefs({ query: () => t.fail('no query for known items') } as never, names);
  t.equal(known.get('image:early'), ref);
});

t.test(
  'a removed item is served nowhere and says nothing; a put brings it back under its number',
  async (t) => {
    const [{ ref } = { ref: 0 }] = await catalog.put(
      [image('gone', { prompt: 'private words', vector: [1, 0, 0, 0] })],
      UNKNOWN,
    );
    await catalog.cards([ref]);
    t.equal(await catalog.remove('image', 'gone'), true);
    t.equal(servable(catalog.columns.level[ref]!, 16), false);
    t.equal(catalog.cardNow(ref), undefined);
    t.equal((await catalog.cards([ref])).size, 0);
    t.equal(await catalog.get('image', 'gone'), null);
    t.equal((await catalog.vectors('clip', [ref])).size, 0);
    const { rows } = await db.pool.query('select prompt, title, url from items where ref = $1', [ref]);
    t.same(rows, [{ prompt: '', title: '', url: '' }]);
    t.equal(await catalog.remove('image', 'gone'), false);
    t.equal(await catalog.remove('image', 'never there'), false);
    t.same(await catalog.put([image('gone')], UNKNOWN), [{ ref, status: 'created' }]);
    t.equal(catalog.columns.level[ref], 1);
  },
);

t.test('the safety rule decides what the columns say', async (t) => {
  await catalog.put(
    [
      image('undeclared', { browsingLevel: undefined }),
      image('zero', { browsingLevel: 0 }),
      image('profane', { prompt: 'fuck, a castle' }),
      image('negative', { negativePrompt: 'nsfw, nude' }),
      image('lora', { prompt: 'a castle <lora:hentai_style:0.7>' }),
      image('minor', { browsingLevel: 4, minor: true }),
      image('blocked', { browsingLevel: 33 }),
      image('private', { availability: 'private' }),
    ],
    UNKNOWN,
  );
  await catalog.put([image('vouched', { browsingLevel: undefined })], TRUSTED);
  await catalog.put([image('leveled', { browsingLevel: undefined })], { mode: 'level', level: 8 });
  const levels = Object.fromEntries(
    [
      ...['undeclared', 'zero', 'profane', 'negative', 'lora', 'minor', 'blocked', 'private'],
      ...['vouched', 'leveled'],
    ].map((id) => [id, levelOf(catalog, id)]),
  );
  t.same(levels, {
    ...{ undeclared: 0, zero: 0, profane: 4, negative: 1, lora: 4, minor: 32, blocked: 32, private: 32 },
    ...{ vouched: 1, leveled: 8 },
  });
  t.equal((await catalog.get('image', 'vouched'))!.safetySource, 'policy');
  const profane = (await catalog.get('image', 'profane'))!;
  t.equal(profane.toxicitySource, 'lexicon');
  t.ok(profane.flags & 64);
  t.equal((await catalog.get('image', 'undeclared'))!.safetySource, 'unknown');
  await t.rejects(catalog.put([image('x')], { mode: 'level', level: 3 }), { code: 'safety-policy-invalid' });
});

t.test('an item without text has toxicity 0 from nobody', async (t) => {
  await catalog.put([{ kind: 'image', id: 'mute', browsingLevel: 1 }], UNKNOWN);
  const { toxicity, toxicitySource } = (await catalog.get('image', 'mute'))!;
  t.same([toxicity, toxicitySource], [0, 'none']);
});

t.test('held-back items are counted, and listed page by page', async (t) => {
  const ids = ['h1', 'h2', 'h:3', 'h4', 'h5'];
  await catalog.put(
    ids.map((id) => ({ kind: 'model', id })),
    UNKNOWN,
  );
  const { heldBack } = await catalog.counts();
  const listed: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await catalog.heldBack(2, after);
    for (const { kind, id, reason } of page) {
      t.equal(reason, 'level-unknown');
      listed.push(`${kind}:${id}`);
    }
    if (page.length < 2) break;
    after = listed.at(-1);
  }
  t.equal(listed.length, heldBack);
  t.equal(new Set(listed).size, heldBack);
  for (const id of ids) t.ok(listed.includes(`model:${id}`));
});

t.test('a place to go on from that no page has named is refused', async (t) => {
  for (const after of ['constructor:x', 'toString:', 'imagex', 'x', ':', 'planet:mars'])
    await t.rejects(catalog.heldBack(2, after), { code: 'cursor-invalid', status: 400 }, after);
});

t.test('a catalogue opened now holds what one that caught up step by step holds', async (t) => {
  const fresh = await testCatalog(db);
  const state = ({ columns }: Catalog) => ({
    ...{ size: columns.size, version: columns.version },
    rows: Array.from({ length: columns.size }, (_, ref) => [
      ...[
        columns.kind[ref],
        columns.level[ref],
        columns.flags[ref],
        columns.creator[ref],
        columns.created[ref],
      ],
      ...[columns.phashHigh[ref], columns.phashLow[ref], columns.idOf(ref), columns.tagsOf(ref)],
    ]),
  });
  await catalog.catchUp(await clock(db));
  t.same(state(fresh), state(catalog));
});

t.test('the verdict in the table is the one the rule gives', async (t) => {
  const { rows } = await db.pool.query(
    'select id, level, status, flags, toxicity, effective_level from items where status = 1 and safety_source <> $1',
    ['policy'],
  );
  for (const row of rows)
    t.equal(
      effectiveLevel(
        decide(
          {
            ...{
              level: row.level,
              status: row.status,
              minor: (row.flags & 16) > 0,
              poi: (row.flags & 32) > 0,
            },
            ...{ isPrivate: (row.flags & 1) === 0, toxicity: row.toxicity, policy: UNKNOWN },
          },
          openRule(),
        ),
      ),
      row.effective_level,
      row.id,
    );
});

t.test('a database that is away is a 503 with a name', async (t) => {
  const gone = await testDatabase(t);
  const orphan = await testCatalog(gone);
  await gone.close();
  const away = { code: 'database-unavailable', status: 503 };
  await t.rejects(orphan.put([image('a')], UNKNOWN), away);
  await t.rejects(orphan.remove('image', 'a'), away);
  await t.rejects(orphan.get('image', 'a'), away);
  await t.rejects(orphan.catchUp(1), away);
  await t.rejects(orphan.catchUp(1), away, 'and it asks again the next time');
});
