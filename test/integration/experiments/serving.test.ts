import t from 'tap';
import { openExperiments } from '../../../src/experiments/index.ts';
import { silentLog } from '../../../src/log.ts';
import { event } from '../../support/events.ts';
import { definition, somebody } from '../../support/experiments.ts';
import { servingWorld } from '../../support/serving-world.ts';

const { db, config, events, experiments, recommender, ask, openReplicaOf } = await servingWorld(t);
const PEOPLE = Array.from({ length: 40 }, (_, n) => `visitor-${n}`);
const variantOf = async ({ assign }: Pick<typeof experiments, 'assign'>, id: string) =>
  (await assign(somebody(id), 'home', 'image')).variant;
const rowOf = async (id: string) =>
  (await db.pool.query('select * from recommendations where id = $1', [id])).rows[0];

t.test('a draft changes nothing; what is started serves and logs its variant', async (t) => {
  const variants = [
    { key: 'control', weight: 0.5 },
    { key: 'popular', weight: 0.5, overrides: { sources: ['trending'] } },
  ];
  await experiments.put('popular-only', definition({ variants }));
  t.equal((await ask('visitor-1')).variant, 'default');
  await experiments.start('popular-only');
  const pages = await Promise.all(PEOPLE.map((id) => ask(id)));
  const popular = pages.filter(({ variant }) => variant === 'popular-only@1:popular');
  t.ok(popular.length > 5 && popular.length < 35);
  t.equal(pages.filter(({ variant }) => variant === 'popular-only@1:control').length, 40 - popular.length);
  for (const { items } of popular) t.ok(items.every(({ sources }) => sources.join() === 'trending'));
  const row = await rowOf(popular[0]!.recommendationId);
  t.equal(row.variant, 'popular-only@1:popular');
  t.ok(row.ms > 0);
  t.ok(row.diversity > 0 && row.diversity < 2);
  t.equal(row.teams, null);
  const body = await db.pool.query('select body from pipeline_versions where digest = $1', [
    row.config_digest,
  ]);
  t.same(body.rows[0].body.sources, ['trending']);
});

t.test('later pages say the variant of their list', async (t) => {
  const page = await ask(PEOPLE[0]!, { limit: 5 });
  const next = await recommender.nextPage({ cursor: page.nextCursor!, maxLevel: 1 });
  t.equal(next.variant, page.variant);
  t.match(next.variant, /^popular-only@1:/u);
});

t.test('an edit while running makes a new version, and the old one stays readable in the log', async (t) => {
  const before = await ask(PEOPLE[0]!);
  const { experiment } = await experiments.put('popular-only', definition());
  t.equal(experiment.version, 2);
  t.equal(experiment.state, 'running');
  const after = await ask(PEOPLE[0]!);
  t.equal(before.variant.split('@')[1]!.split(':')[0], '1');
  t.equal(after.variant.split('@')[1]!.split(':')[0], '2');
  const versions = await db.pool.query(
    `select version, definition, ended_at is not null as ended from experiment_versions where key = 'popular-only' order by version`,
  );
  t.same(
    versions.rows.map(({ version, ended }) => [version, ended]),
    [
      [1, true],
      [2, false],
    ],
  );
  t.match(versions.rows[0].definition.variants[1], { key: 'popular' });
  t.same(
    (await experiments.changes('popular-only')).map(({ change, version }) => [change, version]),
    [
      ['created', 1],
      ['started', 1],
      ['edited', 2],
    ],
  );
});

t.test('another replica does the same within seconds, and decides alike', async (t) => {
  const replica = await openExperiments({ db, graphs: { pin: async () => {} }, config, log: silentLog });
  t.teardown(() => replica.close());
  for (const id of PEOPLE) t.same(await variantOf(replica, id), await variantOf(experiments, id));
  await replica.pause('popular-only');
  t.equal(await variantOf(replica, 'visitor-1'), 'default');
  for (let n = 0; n < 50 && (await variantOf(experiments, 'visitor-1')) !== 'default'; n++)
    await new Promise((done) => setTimeout(done, 100));
  t.equal(await variantOf(experiments, 'visitor-1'), 'default');
  await replica.start('popular-only');
});

t.test('coverage only rises, states follow their order', async (t) => {
  await t.rejects(experiments.ramp('popular-only', 0.5), { code: 'ramp-down', status: 409 });
  await t.rejects(experiments.get('nobody'), { code: 'experiment-unknown', status: 404 });
  await t.rejects(experiments.demote('popular-only'), { code: 'state-forbids', status: 409 });
  await t.rejects(experiments.promote('popular-only', 'ghost'), { code: 'variant-unknown', status: 404 });
  await experiments.put('second', definition());
  await t.rejects(experiments.start('second'), { code: 'experiments-overlap', status: 409 });
  t.equal((await experiments.get('second')).state, 'draft');
});

t.test('a variant that is paused alone loses its people to the default pipeline', async (t) => {
  await experiments.pause('popular-only', 'diverse', 'hide-rate');
  const variants = new Set(await Promise.all(PEOPLE.map((id) => variantOf(experiments, id))));
  t.same([...variants].sort(), ['default', 'popular-only@2:control']);
  t.match((await experiments.get('popular-only')).pausedVariants, { diverse: { reason: 'hide-rate' } });
});

t.test('a promoted winner is what everyone gets, until it is demoted', async (t) => {
  await experiments.promote('popular-only', 'diverse');
  const promoted = await ask('visitor-1');
  t.equal(promoted.variant, 'default');
  const settings = async (id: string) => {
    const { config_digest } = await rowOf(id);
    return (await db.pool.query('select body from pipeline_versions where digest = $1', [config_digest]))
      .rows[0].body.settings;
  };
  t.equal((await settings(promoted.recommendationId)).REDUNDANCY_COST, 2);
  await experiments.demote('popular-only');
  t.equal((await settings((await ask('visitor-1')).recommendationId)).REDUNDANCY_COST, 0.7);
});

t.test('an interleaved list holds the picks of both and says whose each is', async (t) => {
  const variants = [
    { key: 'whole', weight: 0.5 },
    { key: 'popular', weight: 0.5, overrides: { sources: ['trending'] } },
  ];
  await experiments.put('mixed', definition({ mode: 'interleaving', variants }));
  await experiments.start('mixed');
  const page = await ask('person-3');
  t.equal(page.variant, 'mixed@1:interleaved');
  const row = await rowOf(page.recommendationId);
  t.equal(row.teams.length, row.items.length);
  t.equal(new Set(row.items).size, row.items.length);
  for (let n = 0; n + 1 < 10; n += 2) t.not(row.teams[n], row.teams[n + 1], 'each round both pick');
  await experiments.stop('mixed');
});

t.test('a variant of one source fills up from what is popular, and logs that it did', async (t) => {
  const variants = [
    { key: 'control', weight: 0.5 },
    { key: 'similar', weight: 0.5, overrides: { sources: ['similar'] } },
  ];
  await experiments.put('similar-only', definition({ variants }));
  await experiments.start('similar-only');
  const pages = await Promise.all(PEOPLE.map((id) => ask(id)));
  const similar = pages.filter(({ variant }) => variant === 'similar-only@1:similar');
  t.ok(similar.length > 5);
  for (const { items } of similar) t.ok(items.every(({ sources }) => sources.join() === 'trending'));
  const next = await recommender.nextPage({ cursor: similar[0]!.nextCursor!, maxLevel: 1 });
  t.same(next.items[0]!.sources, ['trending'], 'as read back from the log');
  await experiments.stop('similar-only');
});

t.test('a variant whose artifact has vanished serves the default pipeline and says so', async (t) => {
  await db.pool.query(
    `insert into artifacts (kind, version, manifest) values ('item-graph-image', 'gone', '{}'::jsonb)`,
  );
  const variants = [
    { key: 'control', weight: 0.5 },
    { key: 'older', weight: 0.5, overrides: { artifacts: { 'item-graph-image': 'gone' } } },
  ];
  await experiments.put('older-graph', definition({ variants }));
  await experiments.start('older-graph');
  const pages = await Promise.all(PEOPLE.map((id) => ask(id)));
  const older = pages.filter(({ variant }) => variant === 'older-graph@1:older');
  t.ok(older.length > 5);
  for (const { degraded, items } of older) {
    t.same(degraded, [{ stage: 'variant', code: 'artifact-missing' }]);
    t.equal(items.length, 10);
  }
});

t.test(
  'replicas agree on whom an experiment is aimed at, and what a person becomes moves nobody',
  async (t) => {
    const { rows } = await db.pool.query(`select key from experiments where state = 'running'`);
    for (const { key } of rows) await experiments.stop(key);
    const people = { 'attributes.country': { $in: ['DE', 'AT'] }, segment: 'new' };
    await experiments.put('at-newcomers', definition({ targeting: { people } }));
    await experiments.start('at-newcomers');
    const other = await openReplicaOf();
    const both = async (id: string) =>
      (await Promise.all([ask(id), other.ask(id)])).map(({ variant }) => variant);
    const countries = ['DE', 'FR', 'AT'];
    const ids = Array.from({ length: 30 }, (_, n) => `aimed-${n}`);
    for (const [n, id] of ids.entries())
      await events.putUser(id, { attributes: { country: countries[n % 3] } });
    const first = new Map<string, string>();
    for (const [n, id] of ids.entries()) {
      const [here, there] = await both(id);
      t.equal(here, there);
      t.equal(here !== 'default', countries[n % 3] !== 'FR', `${id} of ${countries[n % 3]}`);
      first.set(id, here!);
    }
    for (const [n, id] of ids.entries()) {
      if (n % 2) await events.putUser(id, { attributes: { country: 'FR' } });
      else await events.ingest([event(id, 'castle-0')]);
      t.same(await both(id), [first.get(id), first.get(id)], 'no longer German, or no longer new');
    }
    await events.putUser('aimed-1', { attributes: { country: 'DE' } });
    t.match((await both('aimed-1'))[0], /^at-newcomers@1:/u, 'who comes to meet it comes in');
    await events.eraseUser('aimed-0');
    t.equal((await both('aimed-0'))[0], 'default', 'who was erased is somebody new');
  },
);
