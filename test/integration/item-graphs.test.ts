import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import t, { type Test } from 'tap';
import { openItemGraphs, rollback } from '../../src/models/index.ts';
import { testDatabase } from '../support/database.ts';
import { event, openReplica } from '../support/events.ts';
import { until } from '../support/own-server.ts';

const db = await testDatabase(t);
const { catalog, events } = await openReplica(t, db);
const ids = Array.from({ length: 12 }, (_, n) => `picture-${n}`);
await catalog.put(
  ids.map((id) => ({ kind: 'image', id, title: id, browsingLevel: 1 })),
  { mode: 'trusted' },
);
for (let person = 0; person < 10; person++)
  await events.ingest(ids.filter((_, n) => (n + person) % 3 > 0).map((id) => event(`person-${person}`, id)));

/** The graphs of a replica with a home of its own, and what it has logged as an error. */
async function replica(t: Test) {
  const home = await mkdtemp(join(tmpdir(), 'hamlet-graphs-'));
  const errors: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void errors.push(line) });
  const readContent = async () => new Map<number, Float32Array>();
  const readLog = events.interactionLog;
  const graphs = await openItemGraphs({ ...{ db, home, readLog, readContent, log }, watchMs: 20 });
  t.teardown(async () => {
    graphs.close();
    await rm(home, { recursive: true, force: true });
  });
  return { graphs, errors };
}

t.test('a replica that cannot read the graph in force knows it, and logs it once', async (t) => {
  const here = await replica(t);
  await here.graphs.rebuild('image');
  const there = await replica(t);
  await sleep(200);
  t.equal(here.graphs.behind('image'), false);
  t.equal(there.graphs.behind('image'), true);
  t.equal(there.graphs.behind('model'), false, 'no graph of models is in force');
  t.equal(there.errors.length, 1);
  await there.graphs.rebuild('image');
  t.equal(there.graphs.behind('image'), false);
});

t.test(
  'a graph that was rolled back with none before it serves no more, and is not built again',
  async (t) => {
    const { graphs } = await replica(t);
    await graphs.rebuild('image');
    const [{ version }, last] = [graphs.current('image'), await rollback(db, 'item-graph-image')];
    t.equal(last, null);
    t.ok(await until(async () => graphs.current('image').items.length === 0, 60_000));
    t.equal(graphs.behind('image'), false);
    await graphs.rebuild('image');
    t.equal(graphs.current('image').items.length, 0, version);
  },
);
