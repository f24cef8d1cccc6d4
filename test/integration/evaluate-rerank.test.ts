import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { recipeOf } from '../../seed/grammar.ts';
import { worldSize } from '../../seed/index.ts';
import { readShippedVectors } from '../../seed/vectors/shipped.ts';
import { makeWorld } from '../../seed/world.ts';
import { points } from '../../src/cli/evaluate-rerank.ts';
import { loadConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { openIndexed } from '../../src/store.ts';
import { hamletBeside } from '../support/cli.ts';
import { event } from '../support/events.ts';
import { newHome } from '../support/own-server.ts';

t.setTimeout(600_000);
const home = newHome(t);
const STYLES = ['watercolour', 'synthwave', 'stained-glass', 'engraving'];
const OF_A_STYLE = 14;
const DAY = 86_400_000;
await plantLikes();

t.test('lists of the past, ranked again by a judge that errs as it is told', async (t) => {
  const json = join(home, 'rerank.json');
  const words = ['evaluate', '--rerank', '--judge-noise', '1', '--judge-bias', '2', '--lists', '20'];
  const { code, said } = await hamletBeside(home, [...words, '--json', json]);
  t.equal(code, 0, said);
  const report = JSON.parse(await readFile(json, 'utf8'));
  t.match(report, { judge: { noise: 1, bias: 2 }, model: 'judge', kind: 'image', part: 'test', lists: 20 });
  t.ok(report.people > 5);
  for (const client of ['identity', 'reversed']) {
    const { rankers, cost } = report.byClientOrder[client];
    for (const ranker of ['base', 'local', 'one-order', 'additive', 'mean', 'borda', 'rrf', 'served']) {
      const { 'Recall@5': recall, 'NDCG@5': ndcg, overBase, byGoldPlace } = rankers[ranker];
      for (const { low, mean, high } of [recall, ndcg, overBase]) t.ok(low <= mean && mean <= high);
      t.equal(byGoldPlace.length, 4);
      t.match(said, new RegExp(`^${ranker} +${recall.mean.toFixed(3)} \\[`, 'mu'), 'and it is printed');
    }
    t.ok(rankers.served['Recall@5'].mean >= rankers.base['Recall@5'].mean, 'styles are seen in the pixels');
    t.ok(cost.calls > 4 && cost.calls <= 8);
    t.ok(cost.tokens > 1000 && cost.seconds > 0);
    t.match(cost, { malformed: 0, failed: 0 });
    t.ok(cost.kendallTau > 0 && cost.kendallTau < 1, 'orders agree in part');
  }
  const { rankers } = report.byClientOrder.identity;
  t.same(rankers.base, {
    ...report.byClientOrder.reversed.rankers.base,
    byGoldPlace: rankers.base.byGoldPlace,
  });
  t.ok(Math.abs(report.spread['identity − reversed'].aggregated) < 0.3);
  t.match(said, /NDCG@5 identity − reversed: one-order [+−]/u);
});

t.test('where the judge is not there it is said', async (t) => {
  const hook = `import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (!name.endsWith('test/judge/server.ts')) return next(name, context);
      throw Object.assign(new Error(name), { code: 'ERR_MODULE_NOT_FOUND' });
    } });`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(hook)}`;
  const gone = await hamletBeside(home, ['evaluate', '--rerank'], { NODE_OPTIONS });
  t.equal(gone.code, 1);
  t.match(gone.said, /judge-missing: .*Set VLM_BASE_URL/u);
});

t.test('σ and bias are points from 0 on', async (t) => {
  t.equal(points('2.5'), 2.5);
  for (const text of ['much', '', '-1', 'NaN']) t.throws(() => points(text), /points of a score/u);
});

/** Pictures of four styles, and people who like one picture of their style a day. */
async function plantLikes(): Promise<void> {
  const parts = await openIndexed(loadConfig({}, { HAMLET_HOME: home }), silentLog);
  const { items } = makeWorld({ ...worldSize('full'), events: 1000 });
  const shipped = (await readShippedVectors(items))!;
  const all = items.map((item, n) => ({ item, vector: shipped.vectorOf(n) }));
  const byStyle = STYLES.map((style) =>
    all
      .filter(({ item, vector }) => vector && item.browsingLevel === 1 && recipeOf(item.id)?.style === style)
      .slice(0, OF_A_STYLE),
  );
  const chosen = byStyle.flat();
  const put = await parts.catalog.put(
    chosen.map(({ item }) => ({ ...item, modelIds: [], createdAt: '2025-01-01T00:00:00Z' })),
    { mode: 'trusted' },
  );
  const measured = chosen.map(({ item, vector }, n) => ({
    ...{ ref: put[n]!.ref, url: item.url!, vector: vector! },
  }));
  await parts.catalog.storeMeasured('clip', parts.clip.encoder!.id, measured);
  for (let person = 0; person < 12; person++) {
    const style = byStyle[person % STYLES.length]!;
    const liked = style.filter((_, n) => (n * 5 + person) % 4 !== 0);
    const likes = liked.map(({ item }, day) => {
      const occurredAt = new Date(Date.UTC(2026, 0, 1) + day * DAY + person * 60_000).toISOString();
      return event(`person-${person}`, item.id, { occurredAt });
    });
    await parts.events.ingest(likes);
  }
  await parts.carrier.drain();
  await parts.close();
}
