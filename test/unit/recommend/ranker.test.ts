import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openRanker, readRankerArtifact } from '../../../src/models/index.ts';
import { featureOf, writeFeatures } from '../../../src/recommend/features.ts';
import { contentInMemory, defaultPipeline, FEATURES, runPipeline } from '../../../src/recommend/index.ts';
import { interestScorer } from '../../../src/recommend/scorers/interest.ts';
import { writePlantedRanker } from '../../support/ranker-artifact.ts';
import {
  clique,
  plantCandidate,
  plantColumns,
  plantContext,
  plantGraph,
  plantUser,
  range,
} from '../../support/recommend-world.ts';

const SETTINGS = { LIST_DEPTH: 40, DRAW_SHARE: 0, DRAW_TEMPERATURE: 0.2, DRAW_TOP: 50, EXPLORE_SHARE: 0 };
const pipeline = defaultPipeline({ settings: SETTINGS, content: contentInMemory(new Map()) });
const NOW = Date.UTC(2026, 10, 1);
/** Everything is like what was liked; the higher the number, the newer. */
const world = {
  columns: plantColumns(range(1, 60).map((item) => ({ created: NOW / 1000 - (60 - item) * 86_400 }))),
  graph: plantGraph(60, { neighbours: clique(range(1, 60)) }),
  user: plantUser([1]),
  now: NOW,
};
const opened = async (folder: string) => openRanker(await readRankerArtifact(folder, FEATURES));

t.test('a ranker in force orders the list by what it learned', async (t) => {
  const fresh = await opened(await writePlantedRanker(t.testdir(), { fresh: 5, popularity: 0 }));
  t.teardown(() => fresh.close());
  const list = await runPipeline(pipeline, plantContext({ ...world, ranker: fresh }));
  t.same(
    list.items.slice(0, 5).map(({ item }) => item),
    [60, 59, 58, 57, 56],
  );
  t.equal(list.trace.versions.ranker, 'planted');
  t.equal(list.trace.versions.blend, undefined);
  const old = await opened(await writePlantedRanker(t.testdir(), { popularity: 5, fresh: -1 }));
  t.teardown(() => old.close());
  const other = await runPipeline(pipeline, plantContext({ ...world, ranker: old }));
  t.same(
    other.items.slice(0, 3).map(({ item }) => item),
    [2, 3, 4],
  );
});

t.test('one that fails leaves the blend in its place, and the list says so', async (t) => {
  const broken = {
    ...{ version: 'broken', features: ['fresh'], close: async () => {} },
    score: () => Promise.reject(new Error('no')),
  };
  const list = await runPipeline(pipeline, plantContext({ ...world, ranker: broken }));
  const plain = await runPipeline(pipeline, plantContext(world));
  t.same(
    list.items.map(({ item }) => item),
    plain.items.map(({ item }) => item),
  );
  t.same(list.trace.degraded, [{ stage: 'ranker', code: 'failed' }]);
});

t.test('weights of a variant count where a ranker is in force, too', async (t) => {
  const ranker = await opened(await writePlantedRanker(t.testdir(), { fresh: 5 }));
  t.teardown(() => ranker.close());
  const byHand = await runPipeline({ ...pipeline, byHand: true }, plantContext({ ...world, ranker }));
  const plain = await runPipeline(pipeline, plantContext(world));
  t.same(
    byHand.items.map(({ item }) => item),
    plain.items.map(({ item }) => item),
  );
});

t.test('what is logged of a feature is a byte that keeps small shares apart', async (t) => {
  const bytes = new Uint8Array(2 * FEATURES.length);
  writeFeatures({ sequence: 0.0001, taste: 1.2, similar: -1, fresh: Number.NaN }, bytes, FEATURES.length);
  const read = (name: (typeof FEATURES)[number]) =>
    featureOf(bytes[FEATURES.length + FEATURES.indexOf(name)]!);
  t.ok(Math.abs(read('sequence') - 0.01) < 0.003, 'its square root');
  t.equal(read('taste'), 1);
  for (const name of ['similar', 'fresh', 'next'] as const) t.equal(read(name), 0);
  t.ok(bytes.subarray(0, FEATURES.length).every((byte) => byte === 0));
});

t.test('every candidate is held against the interests, whoever brought it', async (t) => {
  const content = contentInMemory(
    new Map([1, 2, 3].map((item) => [item, item < 3 ? Float32Array.of(1, 0) : Float32Array.of(0, 1)])),
  );
  const candidates = [2, 3, 4].map((item) => plantCandidate(item, 0));
  interestScorer(content).score(candidates, plantContext({ ...world, user: plantUser([1]) }));
  const [like, unlike, unseen] = candidates.map(({ features }) => features.interest);
  t.ok(like! > 0.9);
  t.ok(unlike! < 0.3);
  t.equal(unseen, undefined);
});

t.test('an artifact that is not what it should be is refused with the reason', async (t) => {
  const home = t.testdir();
  const refused = (message: RegExp) => ({ code: 'artifact-invalid', status: 422, message });
  const strange = await writePlantedRanker(home, { charm: 1 }, { version: 'a' });
  await t.rejects(readRankerArtifact(strange, FEATURES), refused(/ranks by charm/));
  const wrong = await writePlantedRanker(home, { fresh: 1 }, { version: 'b', off: 0.001 });
  await t.rejects(readRankerArtifact(wrong, FEATURES), refused(/off its stored answer/));
  const twice = await writePlantedRanker(
    home,
    { fresh: 1 },
    { version: 'c', parameters: { features: 'fresh fresh' } },
  );
  await t.rejects(readRankerArtifact(twice, FEATURES), refused(/no names/));
  const damaged = await writePlantedRanker(home, { fresh: 1 }, { version: 'd' });
  await appendFile(join(damaged, 'ranker.onnx'), 'x');
  await t.rejects(readRankerArtifact(damaged, FEATURES), refused(/bytes long/));
});
