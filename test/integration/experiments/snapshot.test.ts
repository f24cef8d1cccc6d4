import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import t from 'tap';
import type { ExperimentSnapshot } from '../../../schemas/experiment-snapshot.ts';
import { saveSnapshot } from '../../../src/cli/experiment-snapshot.ts';
import { effectOf } from '../../../src/experiments/analysis/effect.ts';
import { adjusted } from '../../../src/experiments/analysis/estimate.ts';
import { momentsOf } from '../../../src/experiments/analysis/moments.ts';
import { openExperiments, type Report } from '../../../src/experiments/index.ts';
import { buildHttp } from '../../../src/http/index.ts';
import { silentLog } from '../../../src/log.ts';
import { seededRandom } from '../../../src/recommend/index.ts';
import { testDatabase } from '../../support/database.ts';
import { definition } from '../../support/experiments.ts';
import { fakeParts } from '../../support/fakes.ts';
import { patientInject } from '../../support/patient.ts';
import { plantLog } from '../../support/planted-log.ts';

const home = t.testdir();
const db = await testDatabase(t);
const experiments = await openExperiments({
  ...{ db, graphs: { pin: async () => {} }, config: { HAMLET_HOME: home }, log: silentLog },
});
const { parts } = fakeParts({ HAMLET_HOME: home }, { experiments });
const app = await buildHttp(parts);
t.teardown(async () => {
  await app.close();
  experiments.close();
});

const KEY = 'kept';
const third = { key: 'third', weight: 0.25, overrides: { exploreShare: 0 } };
const [control, diverse] = definition().variants;
const variants = [control!, { ...diverse!, weight: 0.25 }, third];
await experiments.put(KEY, definition({ variants, metrics: { primary: 'ctr' }, segments: ['country'] }));
await experiments.start(KEY);
await db.pool.query(`update experiment_versions set started_at = now() - interval '2 days'`);
const random = seededRandom(7);
const clicksOf = (most: number) =>
  Array.from({ length: Math.floor(random.next() * most) }, (_, item) => ({
    ...{ type: 'click' as const, item: item + 1 },
  }));
const SHOWN = [
  ['control', 3],
  ['diverse', 4],
  ['control', 3],
  ['third', 5],
] as const;
/** People of each variant in turn, two lists each. */
const visitsAt = (minutesAgo: number, whose: string) =>
  Array.from({ length: 1600 }, (_, n) => {
    const [variant, clicks] = SHOWN[n % 4]!;
    const at = new Date(Date.now() - (minutesAgo - (n % 60)) * 60_000);
    return {
      person: `${whose}-${n % 800}`,
      at,
      variant: `${KEY}@1:${variant}`,
      deeds: clicksOf(clicks),
    };
  });
await plantLog(db, visitsAt(1500, 'early'));
await db.pool.query(`
  update users set attributes = jsonb_build_object('country', case when ref / 4 % 2 = 0 then 'DE' else 'FR' end);
  insert into events (user_ref, seq, item_ref, type, occurred_at, received_at, event_id)
  select ref, 0, 1, 2, now() - interval '3 days', now() - interval '3 days', 'before-' || ref || '-' || n
  from users, generate_series(1, 3) n where ref % 3 < n`);

const ask = (url: string) =>
  patientInject(app, { url: `/admin/experiments/${url}`, headers: { host: 'localhost' } });

/** The manifest and the rows of every window, downloaded and held against their digests. */
async function download(report: Report) {
  const folder = `${KEY}/snapshots/${report.snapshot!.digest}`;
  const manifest: ExperimentSnapshot = (await ask(folder)).json();
  const windows = [];
  for (const window of manifest.windows) {
    const bytes = (await ask(`${folder}/${window.file}`)).rawPayload;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    t.same({ sha256, bytes: bytes.length }, manifest.files[window.file]);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    windows.push({ ...window, text: bytes.toString('latin1'), rows: await parquetReadObjects({ file }) });
  }
  return { folder, manifest, windows };
}

/** The primary metric from the rows alone. */
function again(
  rows: Record<string, unknown>[],
  variant: string,
  where = (_: Record<string, unknown>) => true,
) {
  const moments = ['control', variant].map((of) => {
    const own = rows.filter(
      (row) => String(row.variant).endsWith(`:${of}`) && !row.bot && !row.crossed && where(row),
    );
    const column = (name: string) => own.map((row) => Number(row[name]));
    return momentsOf(column('click'), column('positions'), column('click_before'));
  });
  return { people: moments.map(({ n }) => n), moments };
}

/** Both variants are compared with one control over one window: one slope for all (ANCOVA). */
function effects(rows: Record<string, unknown>[], compared: string[]) {
  const all = [again(rows, compared[0]!).moments[0]!, ...compared.map((one) => again(rows, one).moments[1]!)];
  const { estimates } = adjusted(all);
  return compared.map((variant, i) => ({ variant, ...effectOf(estimates[0]!, estimates[i + 1]!, 0.05) }));
}

t.test('a report can be computed again, figure for figure, from what is downloaded', async (t) => {
  const report = (await ask(`${KEY}/report`)).json() as Report;
  const { folder, manifest, windows } = await download(report);
  t.equal(windows.length, 1);
  t.notMatch(windows[0]!.text, /early-\d/u, 'without anybody’s id');
  for (const found of effects(windows[0]!.rows, ['diverse', 'third'])) {
    const { cuped, people } = report.metrics.find(({ variant }) => variant === found.variant)!;
    t.same(people, [400, 200]);
    t.ok(Math.abs(cuped.difference - found.difference) < 1e-12);
    t.ok(Math.abs(cuped.se - found.se) < 1e-12);
    t.ok(found.difference > 0);
  }
  const german = report.exploratory.find(({ group, variant }) => group === 'DE' && variant === 'diverse')!;
  t.same(
    again(windows[0]!.rows, 'diverse', (row) => row.segment_1 === 'DE').people,
    german.people,
    'segments too',
  );
  t.equal(manifest.columns.segment_1, 'attribute country');
  const stored = (await ask(`${folder}/report.json`)).json() as Report;
  t.same(stored, { ...report, snapshot: null });
});

t.test('after one variant was paused, each comparison has its own window and its own file', async (t) => {
  await experiments.pause(KEY, 'third', 'too slow');
  await plantLog(
    db,
    visitsAt(-1, 'late').filter(({ variant }) => !variant.endsWith('third')),
  );
  // As if they had come before now: a report ends now.
  const later = new Date(Date.now() + 3 * 3_600_000).toISOString();
  await db.pool.query(`update experiment_versions set ended_at = $1 where key = $2`, [later, KEY]);
  const report = (await ask(`${KEY}/report`)).json() as Report;
  t.match(report.windows, [
    { variants: ['diverse'], until: later, ended: 'it ended' },
    { variants: ['third'], ended: 'third was paused (too slow)' },
  ]);
  const { windows } = await download(report);
  t.equal(windows.length, 2);
  for (const { rows, variants } of windows)
    for (const found of effects(rows, variants)) {
      const { cuped } = report.metrics.find(({ variant }) => variant === found.variant)!;
      t.ok(Math.abs(cuped.difference - found.difference) < 1e-12, found.variant);
    }
  t.same(
    report.metrics.map(({ variant, people }) => [variant, people]),
    [
      ['diverse', [800, 400]],
      ['third', [400, 200]],
    ],
  );
});

t.test('the command puts the same into a folder, and into no folder that is there', async (t) => {
  const out = join(t.testdir(), 'taken');
  const { files } = await saveSnapshot(experiments, KEY, undefined, out);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as ExperimentSnapshot;
  for (const name of files) {
    const sha256 = createHash('sha256')
      .update(readFileSync(join(out, name)))
      .digest('hex');
    t.equal(sha256, manifest.files[name]!.sha256);
  }
  await t.rejects(saveSnapshot(experiments, KEY, undefined, out), { code: 'option-invalid' });
});

t.test('only what a manifest names can be had', async (t) => {
  const { digest } = ((await ask(`${KEY}/report`)).json() as Report).snapshot!;
  const folder = `${KEY}/snapshots/${digest}`;
  for (const [url, status] of [
    [`${KEY}/snapshots/${'0'.repeat(64)}`, 404],
    [`other/snapshots/${digest}`, 404],
    [`${folder}/people-9.parquet`, 404],
    [`${folder}/manifest.json`, 404],
    [`${KEY}/snapshots/..%2F..%2F..`, 400],
    [`${folder}/..%2Fmanifest.json`, 400],
    [`${folder}/%2E%2E%2Fpeople-1.parquet`, 400],
    [`..%2F${KEY}/snapshots/${digest}`, 400],
  ] as const)
    t.equal((await ask(url)).statusCode, status, url);
  t.same(
    readdirSync(join(home, 'artifacts/experiments', KEY)).filter((name) => name.startsWith('partial')),
    [],
  );
});
